-- The ledger: every event that ever happened, in one order without gaps.
--
-- The table has the columns of eventsourcing's recorder, and two more: the id of the entry
-- (also inside its bytes) and metadata. The only way in is ledger_append: the service's role
-- may not write the tables, and triggers refuse any change of an entry, whoever asks.

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['tracker_app', 'tracker_projector'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I LOGIN', name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;  -- roles belong to the whole server, and another database has made it
        END;
        IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
            EXECUTE format('GRANT %I TO current_user', name);
        END IF;
    END LOOP;
END $$;

CREATE TABLE ledger_events (
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL CHECK (octet_length(state) <= 60000),
    notification_id bigint NOT NULL,
    entry_id uuid NOT NULL,
    metadata jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (originator_id, originator_version)
);
CREATE UNIQUE INDEX ledger_events_notification_id_idx ON ledger_events (notification_id);
CREATE UNIQUE INDEX ledger_events_entry_id_idx ON ledger_events (entry_id);
COMMENT ON TABLE ledger_events IS 'Append-only. One row an entry; state is what the entry says, as JSON.';

CREATE VIEW ledger AS
    SELECT notification_id AS position, originator_id AS stream, originator_version AS step,
           topic AS tag, convert_from(state, 'UTF8')::json AS entry, entry_id, metadata
    FROM ledger_events;
COMMENT ON VIEW ledger IS 'The entries, in the words of the service; read in order of position.';

-- Free text that is not published. Its salted commitment is in the entry's bytes, so that the
-- text can be removed while every proof stays valid.
CREATE TABLE ledger_notes (
    entry_id uuid NOT NULL,
    field text NOT NULL,
    salt bytea NOT NULL CHECK (octet_length(salt) = 32),
    note text NOT NULL,
    PRIMARY KEY (entry_id, field)
);

-- What was asked under which Idempotency-Key, in the same transaction as the answer.
CREATE TABLE ledger_keys (
    actor text NOT NULL,
    key text NOT NULL,
    body_sha256 bytea NOT NULL CHECK (octet_length(body_sha256) = 32),
    entries uuid[] NOT NULL,
    PRIMARY KEY (actor, key)
);

CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_events
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON ledger_notes
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_keys
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

-- Appends a batch of commands, each wholly or not at all, in one transaction.
--
-- Arrays with the prefix c are one row a command, e an entry, n a note to keep, r a note to
-- remove; command numbers begin with 1. Says of each command whether it was recorded, repeats
-- a key that is on record, or lost a step to a rival; a command that lost leaves nothing.
-- The lock is held until commit, so that positions are given in the order of commit and
-- without gaps: a reader who has seen a position has seen all before it.
CREATE FUNCTION ledger_append(
    c_actor text[], c_key text[], c_body bytea[],
    e_command integer[], e_stream uuid[], e_step bigint[], e_tag text[], e_state bytea[],
    e_id uuid[], e_metadata jsonb[],
    n_entry uuid[], n_field text[], n_salt bytea[], n_note text[],
    r_command integer[], r_entry uuid[], r_field text[]
) RETURNS TABLE (command integer, outcome text, first_position bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    repeated integer[];
    rivalled integer[];
    head bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(7411, 1);
    SELECT array_agg(c.n) INTO repeated
        FROM unnest(c_actor, c_key) WITH ORDINALITY AS c (actor, key, n)
        JOIN ledger_keys k ON k.actor = c.actor AND k.key = c.key;
    SELECT array_agg(DISTINCT s.command) INTO rivalled
        FROM (SELECT e.command, e.stream, min(e.step) AS step
                FROM unnest(e_command, e_stream, e_step) AS e (command, stream, step)
               GROUP BY 1, 2) s
       WHERE EXISTS (SELECT FROM ledger_events o
                      WHERE o.originator_id = s.stream AND o.originator_version = s.step)
          OR (s.step > 1 AND NOT EXISTS (SELECT FROM ledger_events o
                      WHERE o.originator_id = s.stream AND o.originator_version = s.step - 1));
    repeated := coalesce(repeated, '{}');
    rivalled := coalesce(rivalled, '{}');
    SELECT coalesce(max(notification_id), 0) INTO head FROM ledger_events;
    RETURN QUERY
        WITH kept AS (
            SELECT e.*, head + row_number() OVER (ORDER BY e.n) AS place
              FROM unnest(e_command, e_stream, e_step, e_tag, e_state, e_id, e_metadata)
                   WITH ORDINALITY AS e (command, stream, step, tag, state, id, metadata, n)
             WHERE e.command <> ALL (repeated) AND e.command <> ALL (rivalled)
        ), entered AS (
            INSERT INTO ledger_events (originator_id, originator_version, topic, state,
                                       notification_id, entry_id, metadata)
            SELECT k.stream, k.step, k.tag, k.state, k.place, k.id, coalesce(k.metadata, '{}')
              FROM kept k ORDER BY k.place
        ), noted AS (
            INSERT INTO ledger_notes (entry_id, field, salt, note)
            SELECT n.entry, n.field, n.salt, n.note
              FROM unnest(n_entry, n_field, n_salt, n_note) AS n (entry, field, salt, note)
              JOIN kept k ON k.id = n.entry
        ), removed AS (
            DELETE FROM ledger_notes o
             USING unnest(r_command, r_entry, r_field) AS r (command, entry, field)
             WHERE o.entry_id = r.entry AND o.field = r.field
               AND r.command <> ALL (repeated) AND r.command <> ALL (rivalled)
        ), keyed AS (
            INSERT INTO ledger_keys (actor, key, body_sha256, entries)
            SELECT c.actor, c.key, c.body, array_agg(k.id ORDER BY k.place)
              FROM unnest(c_actor, c_key, c_body) WITH ORDINALITY AS c (actor, key, body, n)
              JOIN kept k ON k.command = c.n
             WHERE c.key IS NOT NULL
             GROUP BY 1, 2, 3
        )
        SELECT c.n::integer,
               CASE WHEN c.n = ANY (repeated) THEN 'repeated'
                    WHEN c.n = ANY (rivalled) THEN 'rivalled' ELSE 'recorded' END,
               (SELECT min(k.place) FROM kept k WHERE k.command = c.n)
          FROM unnest(c_actor) WITH ORDINALITY AS c (actor, n);
    NOTIFY ledger_events;
END $$;
COMMENT ON FUNCTION ledger_append IS 'The only way to write the ledger.';

REVOKE ALL ON FUNCTION ledger_append FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_append TO tracker_app;
GRANT SELECT ON ledger_events, ledger, ledger_notes, ledger_keys TO tracker_app;
GRANT SELECT ON ledger_events, ledger TO tracker_projector;

-- Read models are the projector's own: it makes, swaps and drops their schemas, and the
-- service reads them.
DO $$
BEGIN
    EXECUTE format('GRANT CREATE ON DATABASE %I TO tracker_projector', current_database());
END $$;
ALTER DEFAULT PRIVILEGES FOR ROLE tracker_projector GRANT USAGE ON SCHEMAS TO tracker_app;
ALTER DEFAULT PRIVILEGES FOR ROLE tracker_projector GRANT SELECT ON TABLES TO tracker_app;
