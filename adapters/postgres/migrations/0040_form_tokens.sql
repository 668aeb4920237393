-- The tokens of the forms of each session, by their hash alone: they say whose a form is that comes
-- without its session, until an hour after the session would have ended at the latest. Unlike its
-- session's row, a token's stays when the session is ended.
CREATE TABLE form_tokens (
    sha256 bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
    actor text NOT NULL,
    ends_at timestamptz NOT NULL
);
CREATE INDEX form_tokens_ends_at_idx ON form_tokens (ends_at);
GRANT SELECT, INSERT, DELETE ON form_tokens TO tracker_app;
GRANT UPDATE (ends_at) ON form_tokens TO tracker_app;  -- rows to remove are locked, and locked ones skipped

-- The session that a form was made in, so that its forms take the place of no others.
ALTER TABLE held_forms ADD COLUMN token bytea;     -- null: held before this migration
CREATE INDEX held_forms_token_idx ON held_forms (token, id);
