-- Documents that a force attaches to a claim, outside the ledger: an entry names one by its SHA-256.
--
-- Each recommendation has a copy of its own, so that who may read it is told by its row alone.
-- The name of the file that was sent is not kept, since it can hold a person's.
CREATE TABLE documents (
    stream uuid NOT NULL,
    sha256 bytea NOT NULL CHECK (sha256 = sha256(content)),
    media_type text NOT NULL,
    content bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 10485760),
    uploaded_by text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (stream, sha256)
);
-- They are packed already, and are read part by part.
ALTER TABLE documents ALTER COLUMN content SET STORAGE EXTERNAL;

-- Puts a document to a recommendation: 'stored', 'known' if it is there already, 'full' if there
-- are as many as one takes. Those of one recommendation go one after another, so that however
-- many come at once, none is there twice and none is one too many.
CREATE FUNCTION documents_put(put_stream uuid, put_sha256 bytea, put_type text, put_content bytea,
                              put_by text, put_at timestamptz)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7412, hashtext(put_stream::text));
    IF EXISTS (SELECT FROM documents WHERE stream = put_stream AND sha256 = put_sha256) THEN
        RETURN 'known';
    END IF;
    IF (SELECT count(*) FROM documents WHERE stream = put_stream) >= 20 THEN
        RETURN 'full';
    END IF;
    INSERT INTO documents VALUES (put_stream, put_sha256, put_type, put_content, put_by, put_at);
    RETURN 'stored';
END $$;
COMMENT ON FUNCTION documents_put IS 'The only way to write documents.';

REVOKE ALL ON FUNCTION documents_put FROM PUBLIC;
GRANT EXECUTE ON FUNCTION documents_put TO tracker_app;
GRANT SELECT ON documents TO tracker_app, tracker_checker;
