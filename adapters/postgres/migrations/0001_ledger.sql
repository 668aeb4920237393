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
-- Arrays with the prefix e are one row an entry, h a stream that a command adds to with the first
-- step it adds (without them, each entry is such a one), k a command that has an Idempotency-Key,
-- n a note to keep, r a note to remove; commands are numbered. Says which commands repeat a key that is on record and which lost a
-- step to a rival: these leave nothing. The entries of all others have the positions behind
-- `head`, in their order. The lock is held until commit, so that positions are given in the
-- order of commit and without gaps: who has seen a position has seen all before it.
CREATE FUNCTION ledger_append(
    e_command integer[], e_stream uuid[], e_step bigint[], e_tag text[], e_state bytea[],
    e_id uuid[], e_metadata jsonb[],
    h_command integer[] DEFAULT NULL, h_stream uuid[] DEFAULT NULL, h_step bigint[] DEFAULT NULL,
    k_command integer[] DEFAULT NULL, k_actor text[] DEFAULT NULL, k_key text[] DEFAULT NULL,
    k_body bytea[] DEFAULT NULL,
    n_entry uuid[] DEFAULT NULL, n_field text[] DEFAULT NULL, n_salt bytea[] DEFAULT NULL,
    n_note text[] DEFAULT NULL,
    r_command integer[] DEFAULT NULL, r_entry uuid[] DEFAULT NULL, r_field text[] DEFAULT NULL,
    OUT head bigint, OUT repeated integer[], OUT rivalled integer[]
-- The plans do not depend on the arrays' lengths, and planning would cost more than the work.
) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    refused integer[];
BEGIN
    PERFORM pg_advisory_xact_lock(7411, 1);
    IF k_command IS NOT NULL THEN
        SELECT array_agg(c.command) INTO repeated
          FROM unnest(k_command, k_actor, k_key) AS c (command, actor, key)
          JOIN ledger_keys k ON k.actor = c.actor AND k.key = c.key;
    END IF;
    -- The next step of a stream is the one after its last; a new stream begins with 0 or 1.
    SELECT array_agg(h.command) INTO rivalled
      FROM unnest(coalesce(h_command, e_command), coalesce(h_stream, e_stream),
                  coalesce(h_step, e_step)) AS h (command, stream, step),
           LATERAL (SELECT max(originator_version) AS step FROM ledger_events
                     WHERE originator_id = h.stream) AS last
     WHERE h.step <> last.step + 1 OR (last.step IS NULL AND h.step > 1);
    SELECT coalesce(max(notification_id), 0) INTO head FROM ledger_events;
    IF repeated IS NULL AND rivalled IS NULL THEN
        INSERT INTO ledger_events (originator_id, originator_version, topic, state,
                                   notification_id, entry_id, metadata)
        SELECT e.stream, e.step, e.tag, e.state, head + e.n, e.id, e.metadata
          FROM unnest(e_stream, e_step, e_tag, e_state, e_id, e_metadata)
               WITH ORDINALITY AS e (stream, step, tag, state, id, metadata, n);
    ELSE
        refused := coalesce(repeated, '{}') || coalesce(rivalled, '{}');
        INSERT INTO ledger_events (originator_id, originator_version, topic, state,
                                   notification_id, entry_id, metadata)
        SELECT e.stream, e.step, e.tag, e.state, head + row_number() OVER (ORDER BY e.n),
               e.id, e.metadata
          FROM unnest(e_command, e_stream, e_step, e_tag, e_state, e_id, e_metadata)
               WITH ORDINALITY AS e (command, stream, step, tag, state, id, metadata, n)
         WHERE e.command <> ALL (refused);
    END IF;
    IF n_entry IS NOT NULL THEN
        INSERT INTO ledger_notes (entry_id, field, salt, note)
        SELECT n.entry, n.field, n.salt, n.note
          FROM unnest(n_entry, n_field, n_salt, n_note) AS n (entry, field, salt, note)
         WHERE refused IS NULL OR n.entry IN (
               SELECT e.id FROM unnest(e_command, e_id) AS e (command, id)
                WHERE e.command <> ALL (refused));
    END IF;
    IF r_command IS NOT NULL THEN
        DELETE FROM ledger_notes o
         USING unnest(r_command, r_entry, r_field) AS r (command, entry, field)
         WHERE o.entry_id = r.entry AND o.field = r.field
           AND (refused IS NULL OR r.command <> ALL (refused));
    END IF;
    IF k_command IS NOT NULL THEN
        INSERT INTO ledger_keys (actor, key, body_sha256, entries)
        SELECT k.actor, k.key, k.body, array_agg(e.id ORDER BY e.n)
          FROM unnest(k_command, k_actor, k_key, k_body) AS k (command, actor, key, body)
          JOIN unnest(e_command, e_id) WITH ORDINALITY AS e (command, id, n) USING (command)
         WHERE refused IS NULL OR k.command <> ALL (refused)
         GROUP BY 1, 2, 3;
    END IF;
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
