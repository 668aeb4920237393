-- Forms that were sent after a session had ended, until their person has signed in again, or for an
-- hour. Encrypted: the key is derived from the browser's secret, of which only the hash is here.
-- Unlogged, so that they are in no archive of the write-ahead log, and end with a crash.
CREATE UNLOGGED TABLE held_forms (
    id uuid PRIMARY KEY,
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    actor text NOT NULL,
    sealed bytea NOT NULL CHECK (octet_length(sealed) <= 1048604),
    ends_at timestamptz NOT NULL
);
CREATE INDEX held_forms_actor_idx ON held_forms (actor, id);
CREATE INDEX held_forms_ends_at_idx ON held_forms (ends_at);
ALTER TABLE held_forms SET (
    autovacuum_enabled = true,
    autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0,
    toast.autovacuum_enabled = true,
    toast.autovacuum_vacuum_threshold = 0, toast.autovacuum_vacuum_scale_factor = 0
);

GRANT SELECT, INSERT, DELETE ON held_forms TO tracker_app;
