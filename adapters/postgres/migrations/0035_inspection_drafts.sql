-- Drafts of reports, which inspectors share. They are no part of the record, and go with the
-- publication or the end of the inspection. Nobody but the application may read them.
CREATE TABLE inspection_drafts (
    inspection uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    content bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 2000000),
    saved_at timestamptz NOT NULL,
    saved_by text NOT NULL,
    reference text,  -- the name that the report is to have
    PRIMARY KEY (inspection, version)
);
COMMENT ON TABLE inspection_drafts IS 'The last versions of the draft of each inspection that is not over.';
GRANT SELECT, INSERT, DELETE ON inspection_drafts TO tracker_app;

-- Finds the inspections, which are few among the streams.
CREATE INDEX ledger_events_inspections_idx ON ledger_events (notification_id)
    WHERE topic = 'inspection.planned';
