-- ledger_append, with three promises of its own that it left to its caller before:
--
-- A note is kept only with its own entry, in the same call; and removed only by an entry of the same
-- command that approves the redaction of that field of that step. The commit is durable even where a
-- role or a database is set to synchronous_commit = off.
--
-- The triggers that hold the record hold it also in a session whose ordinary triggers are off.
CREATE OR REPLACE FUNCTION ledger_append(
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
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);  -- until this transaction ends
    END IF;
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
        IF EXISTS (SELECT FROM unnest(n_entry) AS n (entry)
                    WHERE NOT EXISTS (SELECT FROM unnest(e_id) AS e (id) WHERE e.id = n.entry)) THEN
            RAISE EXCEPTION 'a note is kept only with its own entry'
                  USING ERRCODE = 'insufficient_privilege';
        END IF;
        INSERT INTO ledger_notes (entry_id, field, salt, note)
        SELECT n.entry, n.field, n.salt, n.note
          FROM unnest(n_entry, n_field, n_salt, n_note) AS n (entry, field, salt, note)
         WHERE refused IS NULL OR n.entry IN (
               SELECT e.id FROM unnest(e_command, e_id) AS e (command, id)
                WHERE e.command <> ALL (refused));
    END IF;
    IF r_command IS NOT NULL THEN
        IF EXISTS (
            SELECT FROM unnest(r_command, r_entry, r_field) AS r (command, entry, field)
             WHERE (refused IS NULL OR r.command <> ALL (refused)) AND NOT EXISTS (
                   SELECT FROM unnest(e_command, e_stream, e_tag, e_state)
                          AS e (command, stream, tag, state)
                     JOIN ledger_events o ON o.originator_id = e.stream AND o.originator_version =
                          CASE WHEN e.tag IN ('recommendation.redaction_approved',
                                              'report.redaction_approved')
                               THEN (convert_from(e.state, 'UTF8')::json #>> '{event,step}')::bigint
                          END
                    WHERE e.command = r.command AND o.entry_id = r.entry
                      AND convert_from(e.state, 'UTF8')::json #>> '{event,field}' = r.field)) THEN
            RAISE EXCEPTION 'a note is removed only by an entry that says so'
                  USING ERRCODE = 'insufficient_privilege';
        END IF;
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

ALTER TABLE ledger_events ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger_events ENABLE ALWAYS TRIGGER documents_remove;
ALTER TABLE ledger_notes ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger_keys ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger_lineages ENABLE ALWAYS TRIGGER append_only;
