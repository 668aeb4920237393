-- Moments that never change, and appends to the lineage that they were decided in.
--
-- A question about a moment that has passed has one answer for ever: a moment that was asked about
-- is frozen, and no later entry is recorded as of it or before it. The last frozen moment is in a
-- sequence, in microseconds since 1970: each append raises it to the moments of its own entries.
CREATE SEQUENCE ledger_frozen_through AS bigint MINVALUE 0 START 0;
COMMENT ON SEQUENCE ledger_frozen_through IS
    'Microseconds since 1970: no entry is recorded as of this moment or an earlier one any more.';

CREATE FUNCTION ledger_microseconds(moment timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT (extract(epoch FROM moment) * 1000000)::bigint
$$;

CREATE FUNCTION ledger_frozen() RETURNS timestamptz LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
    SELECT timestamptz 'epoch' + last_value * interval '1 microsecond' FROM ledger_frozen_through
$$;

-- How far two clocks may differ, and how far ahead of the database's own clock an entry may be.
CREATE FUNCTION ledger_clock_limit() RETURNS interval LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$ SELECT interval '2 minutes' $$;

-- The moments of some commands as they are recorded: each after the one before it and after the
-- last frozen moment. One later than `latest` belongs to a stream that a wrong clock has carried
-- into the future; it stays, and holds nothing else up.
CREATE FUNCTION ledger_later(moments timestamptz[], frozen timestamptz, latest timestamptz)
RETURNS TABLE (at timestamptz, n bigint) LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN m.at > latest THEN m.at ELSE
           greatest(max(m.at - m.n * interval '1 microsecond') FILTER (WHERE m.at <= latest)
                    OVER (ORDER BY m.n), frozen) + m.n * interval '1 microsecond' END, m.n
      FROM unnest(moments) WITH ORDINALITY AS m (at, n)
$$;

-- The bytes of an entry as of a moment, unless they are of a later one already; `at` is the first
-- field of that name in them.
CREATE FUNCTION ledger_stamped(state bytea, moment timestamptz) RETURNS bytea LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN (convert_from(state, 'UTF8')::json ->> 'at')::timestamptz >= moment THEN state
           ELSE convert_to(regexp_replace(convert_from(state, 'UTF8'), '"at":"[^"]*"', '"at":"'
                || to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"'),
                'UTF8') END
$$;

-- Freezes every moment up to one that is asked about, and returns the last position: every entry
-- recorded as of that moment is there, since an append that was under way has ended by then. A
-- moment ahead of the database's clock by more than the limit is not frozen.
CREATE FUNCTION ledger_freeze(through timestamptz) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    IF through > ledger_frozen() AND NOT pg_is_in_recovery() THEN
        -- Nothing waits for the disk: what a crash forgets is earlier than any moment after it.
        PERFORM set_config('synchronous_commit', 'off', true),
                set_config('lock_timeout', '4s', true),
                pg_advisory_xact_lock(7411, 1);
        IF through > ledger_frozen() AND through <= clock_timestamp() + ledger_clock_limit() THEN
            PERFORM setval('ledger_frozen_through', ledger_microseconds(through));
        END IF;
    END IF;
    RETURN (SELECT coalesce(max(notification_id), 0) FROM ledger_events);
END $$;

-- The operator's word, also, that the clocks are right again: entries ahead of them stay as they
-- are, and no longer hold up what is recorded now.
CREATE OR REPLACE FUNCTION ledger_begin_lineage(why text) RETURNS uuid LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    begun uuid;
BEGIN
    PERFORM pg_advisory_xact_lock(7411, 1);
    INSERT INTO ledger_lineages (number, since_position, server, reason)
    SELECT coalesce((SELECT max(number) FROM ledger_lineages), 0) + 1,
           coalesce((SELECT max(notification_id) FROM ledger_events), 0), ledger_server(), why
    RETURNING id INTO begun;
    PERFORM setval('ledger_frozen_through',
                   ledger_microseconds(least(ledger_frozen(), clock_timestamp())));
    RETURN begun;
END $$;

-- ledger_append, with the moments of its commands (m_at, one a command, in their order), the moment
-- at which the caller sent them by its own clock, and the last entry that the caller recorded, with
-- its lineage. It refuses with
--   TR001 where this copy of the database is not the one in which the lineage began: restored, or
--         promoted; ledger_begin_lineage is the word to go on;
--   TR002 where the caller's last entry is not on record any more: the database was put back;
--   TR003 where the caller's clock and the database's, or the ledger's last moment, are too far
--         apart.
-- A command whose moment is frozen is recorded as of the next one that is not. If that is on
-- another day in London, it is named in `rivalled`, to be decided again.
DROP FUNCTION ledger_append;
CREATE FUNCTION ledger_append(
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
    latest timestamptz := here + ledger_clock_limit();
    frozen timestamptz;
    moments timestamptz[];
    server text;
    refused integer[];
BEGIN
    IF sent_at NOT BETWEEN here - ledger_clock_limit() AND latest THEN
        RAISE EXCEPTION 'The clock of this service is at % UTC, that of its database at % UTC.',
              sent_at AT TIME ZONE 'UTC', here AT TIME ZONE 'UTC' USING ERRCODE = 'TR003';
    END IF;
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);  -- until this transaction ends
    END IF;
    PERFORM pg_advisory_xact_lock(7411, 1);
    SELECT l.id, l.server INTO lineage, server
      FROM ledger_lineages l ORDER BY l.number DESC LIMIT 1;
    IF server IS DISTINCT FROM ledger_server() THEN
        RAISE EXCEPTION 'This database is a restored or promoted copy.' USING ERRCODE = 'TR001';
    END IF;
    IF seen_lineage = lineage AND NOT EXISTS (
        SELECT FROM ledger_events WHERE notification_id = seen_position AND entry_id = seen_entry)
    THEN
        RAISE EXCEPTION 'The entry recorded last, at position %, is not on record any more.',
              seen_position USING ERRCODE = 'TR002';
    END IF;
    frozen := ledger_frozen();
    IF frozen > sent_at + ledger_clock_limit() THEN
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
    SELECT coalesce(max(notification_id), 0) INTO head FROM ledger_events;
    IF m_at IS NOT NULL THEN
        SELECT array_agg(l.at ORDER BY l.n) INTO moments FROM ledger_later(m_at, frozen, latest) AS l;
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
        PERFORM setval('ledger_frozen_through', ledger_microseconds(greatest(frozen, (
            SELECT max(m.at) FROM unnest(moments) AS m (at) WHERE m.at <= latest))));
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
COMMENT ON FUNCTION ledger_append IS 'The only way to write the ledger.';

-- The moments that are on record already, but for those that a wrong clock put into the future.
SELECT setval('ledger_frozen_through', ledger_microseconds(coalesce(max(at), 'epoch')))
  FROM (SELECT (convert_from(state, 'UTF8')::json ->> 'at')::timestamptz AS at
          FROM ledger_events ORDER BY notification_id DESC LIMIT 10000) AS last
 WHERE at <= clock_timestamp();

REVOKE ALL ON FUNCTION ledger_append, ledger_freeze, ledger_frozen, ledger_later, ledger_stamped,
                       ledger_microseconds, ledger_clock_limit, ledger_begin_lineage FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_append, ledger_freeze TO tracker_app;
GRANT EXECUTE ON FUNCTION ledger_frozen TO tracker_app, tracker_projector, tracker_checker;
GRANT SELECT ON ledger_frozen_through TO tracker_app, tracker_projector, tracker_checker;
