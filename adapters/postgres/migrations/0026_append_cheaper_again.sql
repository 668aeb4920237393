-- The copy of the database is named once a session: reading the control file at each append cost an
-- eighth of it. A session that was answered outside recovery cannot outlive what is named: another
-- system, timeline or database needs a server that starts anew. The setting is no protection
-- against the role that appends, which could leave out what it has seen just as well.
CREATE OR REPLACE FUNCTION ledger_server() RETURNS text LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    server text := current_setting('tracker.server', true);
BEGIN
    IF server <> '' THEN
        RETURN server;
    END IF;
    IF pg_is_in_recovery() THEN
        RETURN NULL;
    END IF;
    SELECT concat_ws('/', s.system_identifier,
                     left(pg_walfile_name(pg_current_wal_insert_lsn()), 8), d.oid)
      INTO server
      FROM pg_control_system() AS s, pg_database AS d WHERE d.datname = current_database();
    PERFORM set_config('tracker.server', server, false);
    RETURN server;
END $$;

-- The same index of published entries, by a condition that costs an append less than LIKE.
DROP INDEX ledger_events_published_idx;
CREATE INDEX ledger_events_published_idx ON ledger_events (notification_id)
    WHERE NOT starts_with(topic, 'access.')
      AND topic NOT IN ('recommendation.commented', 'recommendation.progress_reported',
                        'recommendation.redaction_requested', 'recommendation.withdrawal_requested',
                        'recommendation.suppression_requested', 'report.redaction_requested',
                        'report.suppression_requested');

CREATE OR REPLACE FUNCTION ledger_append(
    e_command integer[], e_stream uuid[], e_step bigint[], e_tag text[], e_state bytea[],
    e_id uuid[], e_metadata jsonb[],
    h_command integer[] DEFAULT NULL, h_stream uuid[] DEFAULT NULL, h_step bigint[] DEFAULT NULL,
    k_command integer[] DEFAULT NULL, k_actor text[] DEFAULT NULL, k_key text[] DEFAULT NULL,
    k_body bytea[] DEFAULT NULL,
    n_entry uuid[] DEFAULT NULL, n_field text[] DEFAULT NULL, n_salt bytea[] DEFAULT NULL,
    n_note text[] DEFAULT NULL,
    r_command integer[] DEFAULT NULL, r_entry uuid[] DEFAULT NULL, r_field text[] DEFAULT NULL,
    m_at timestamptz[] DEFAULT NULL, sent_at timestamptz DEFAULT NULL,
    seen_lineage uuid DEFAULT NULL, seen_position bigint DEFAULT NULL,
    seen_entry uuid DEFAULT NULL,
    OUT head bigint, OUT repeated integer[], OUT rivalled integer[], OUT lineage uuid
-- The plans do not depend on the arrays' lengths, and planning would cost more than the work.
) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    here timestamptz := clock_timestamp();
    clocks_differ boolean;
    confirmed boolean;
    was_put_back boolean;
    frozen timestamptz;
    moments timestamptz[] := m_at;
    settled timestamptz;
    refused integer[];
BEGIN
    -- One statement where it can be: each costs more than what it asks for.
    PERFORM pg_advisory_xact_lock(7411, 1),
            CASE WHEN current_setting('synchronous_commit') = 'off'
                 THEN set_config('synchronous_commit', 'on', true) END; -- until this transaction ends
    SELECT l.id, l.server = ledger_server(),
           l.id = seen_lineage AND NOT EXISTS (
               SELECT FROM ledger_events
                WHERE notification_id = seen_position AND entry_id = seen_entry),
           timestamptz 'epoch' + f.last_value * interval '1 microsecond',
           sent_at NOT BETWEEN here - ledger_clock_limit() AND here + ledger_clock_limit()
               OR timestamptz 'epoch' + f.last_value * interval '1 microsecond'
                  > sent_at + ledger_clock_limit(),
           coalesce((SELECT max(notification_id) FROM ledger_events), 0)
      INTO lineage, confirmed, was_put_back, frozen, clocks_differ, head
      FROM ledger_lineages l, ledger_frozen_through f ORDER BY l.number DESC LIMIT 1;
    IF clocks_differ OR confirmed IS NOT TRUE OR was_put_back THEN
        IF sent_at NOT BETWEEN here - ledger_clock_limit() AND here + ledger_clock_limit() THEN
            RAISE EXCEPTION 'The clock of this service is at % UTC, that of its database at % UTC.',
                  sent_at AT TIME ZONE 'UTC', here AT TIME ZONE 'UTC' USING ERRCODE = 'TR003';
        ELSIF confirmed IS NOT TRUE THEN
            RAISE EXCEPTION 'This database is a restored or promoted copy.' USING ERRCODE = 'TR001';
        ELSIF was_put_back THEN
            RAISE EXCEPTION 'The entry recorded last, at position %, is not on record any more.',
                  seen_position USING ERRCODE = 'TR002';
        END IF;
        RAISE EXCEPTION 'The ledger has come to % UTC, and the clock of this service is at % UTC.',
              frozen AT TIME ZONE 'UTC', sent_at AT TIME ZONE 'UTC' USING ERRCODE = 'TR003';
    END IF;
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
    IF m_at IS NOT NULL THEN
        -- Each after the one before it and after the last frozen moment. One later than
        -- the clock allows belongs to a stream that a wrong clock has carried into the future; it stays, and holds
        -- nothing else up.
        settled := frozen;
        FOR n IN 1 .. cardinality(m_at) LOOP
            IF m_at[n] <= here + ledger_clock_limit() THEN
                settled := greatest(m_at[n], settled + interval '1 microsecond');
                IF settled <> m_at[n] THEN
                    moments[n] := settled;
                END IF;
            END IF;
        END LOOP;
        IF moments <> m_at THEN
            -- What was decided on one day is decided again on the next.
            SELECT coalesce(rivalled, '{}') || array_agg(m.n::integer - 1) INTO rivalled
              FROM unnest(m_at, moments) WITH ORDINALITY AS m (decided, at, n)
             WHERE (m.decided AT TIME ZONE 'Europe/London')::date
                   <> (m.at AT TIME ZONE 'Europe/London')::date
            HAVING count(*) > 0 OR rivalled IS NOT NULL;
            SELECT array_agg(CASE WHEN moments[e.command + 1] = m_at[e.command + 1] THEN e.state
                                  ELSE ledger_stamped(e.state, moments[e.command + 1]) END
                             ORDER BY e.n) INTO e_state
              FROM unnest(e_command, e_state) WITH ORDINALITY AS e (command, state, n);
        END IF;
        PERFORM setval('ledger_frozen_through', ledger_microseconds(settled));
    END IF;
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
