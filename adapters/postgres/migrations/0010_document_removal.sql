-- Documents have the names of their files, and can be removed as notes can.
--
-- A name is private text: it stands here alone, never in an entry. A removed document leaves its
-- row, without bytes and name, so that the same bytes are not taken in again.
ALTER TABLE documents
    ADD COLUMN name text CHECK (octet_length(name) BETWEEN 1 AND 200 AND name !~ '[/\\[:cntrl:]]'),
    ALTER COLUMN content DROP NOT NULL,
    ADD CONSTRAINT documents_removed_check CHECK (content IS NOT NULL OR name IS NULL);

-- Puts a document to a recommendation: 'stored', 'known' if it is there already, 'full' if there
-- are as many as one takes, 'removed' if it was there and was removed. The first name of a
-- document stays. Those of one recommendation go one after another, so that however many come at
-- once, none is there twice and none is one too many.
DROP FUNCTION documents_put;
CREATE FUNCTION documents_put(put_stream uuid, put_sha256 bytea, put_type text, put_name text,
                              put_content bytea, put_by text, put_at timestamptz)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    is_removed boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(7412, hashtext(put_stream::text));
    SELECT content IS NULL INTO is_removed FROM documents
     WHERE stream = put_stream AND sha256 = put_sha256;
    IF is_removed THEN
        RETURN 'removed';
    ELSIF FOUND THEN
        UPDATE documents SET name = put_name
         WHERE stream = put_stream AND sha256 = put_sha256
           AND content IS NOT NULL AND name IS NULL AND put_name IS NOT NULL;
        RETURN 'known';
    END IF;
    IF (SELECT count(*) FROM documents WHERE stream = put_stream AND content IS NOT NULL) >= 20 THEN
        RETURN 'full';
    END IF;
    INSERT INTO documents (stream, sha256, media_type, name, content, uploaded_by, at)
    VALUES (put_stream, put_sha256, put_type, put_name, put_content, put_by, put_at);
    RETURN 'stored';
END $$;
COMMENT ON FUNCTION documents_put IS 'The only way to write documents.';

REVOKE ALL ON FUNCTION documents_put FROM PUBLIC;
GRANT EXECUTE ON FUNCTION documents_put TO tracker_app;

-- Removes the document that an entry says is removed. The entry is what removes it, in its own
-- transaction: nobody can have a document removed without its being on record by whom.
CREATE FUNCTION documents_remove() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    field text := convert_from(NEW.state, 'UTF8')::json #>> '{event,field}';
BEGIN
    IF field ~ '^documents\.[0-9a-f]{64}$' THEN
        UPDATE documents SET content = NULL, name = NULL
         WHERE stream = NEW.originator_id
           AND sha256 = decode(split_part(field, '.', 2), 'hex');
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION documents_remove IS 'The only way to remove the bytes and the name of a document.';
REVOKE ALL ON FUNCTION documents_remove FROM PUBLIC;

CREATE TRIGGER documents_remove AFTER INSERT ON ledger_events FOR EACH ROW
    WHEN (NEW.topic = 'recommendation.redaction_approved') EXECUTE FUNCTION documents_remove();
