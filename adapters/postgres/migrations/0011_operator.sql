-- Views for operators and their monitoring: counts, sizes, ages and waits, and no text of anybody.
--
-- A role of its own reads them and nothing else, so that the process that serves metrics, or a
-- person at a bad hour, cannot read or change the record by mistake.
DO $$
BEGIN
    BEGIN
        CREATE ROLE tracker_operator LOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;  -- roles belong to the whole server, and another database has made it
    END;
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        GRANT tracker_operator TO current_user;
    END IF;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO tracker_operator', current_database());
END $$;

CREATE SCHEMA operator;
COMMENT ON SCHEMA operator IS 'Views for operators. They hold no text that anybody wrote.';
GRANT USAGE ON SCHEMA operator, public TO tracker_operator;

GRANT SELECT (originator_id, originator_version, notification_id, entry_id) ON ledger_events
    TO tracker_operator;
GRANT SELECT (role, way, seen_at, ends_at) ON sessions TO tracker_operator;
GRANT SELECT (role, expires_at, revoked_at) ON tokens TO tracker_operator;
GRANT SELECT (name, free_at) ON rates TO tracker_operator;
GRANT SELECT ON schema_migrations TO tracker_operator;

-- An entry's id is a UUID of version 7: its first 48 bits are the milliseconds since 1970 at which
-- it was made (RFC 9562, section 5.7).
CREATE FUNCTION operator.made_at(entry_id uuid) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT
SET search_path = pg_catalog, pg_temp AS $$
    SELECT to_timestamp(
        ('x' || left(replace(entry_id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)
$$;

CREATE VIEW operator.ledger WITH (security_invoker = true) AS
    SELECT notification_id AS head, operator.made_at(entry_id) AS last_entry_at
      FROM public.ledger_events ORDER BY notification_id DESC LIMIT 1;
COMMENT ON VIEW operator.ledger IS
    'The position of the last entry, and when it was made. No row: the ledger is empty.';

-- With the rights of the caller: the role that owns the read models could put code in their place.
-- The first position that a read model records grants the right to read it (projections/runtime).
ALTER DEFAULT PRIVILEGES FOR ROLE tracker_projector GRANT USAGE ON SCHEMAS TO tracker_operator;
DO $$
DECLARE
    tracked record;
BEGIN
    FOR tracked IN
        SELECT n.nspname, c.relname FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid
         WHERE c.relname = n.nspname || '_tracking' AND c.relkind = 'r'
    LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO tracker_operator', tracked.nspname);
        EXECUTE format('GRANT SELECT (notification_id) ON %I.%I TO tracker_operator',
                       tracked.nspname, tracked.relname);
    END LOOP;
END $$;

CREATE FUNCTION operator.read_read_models(
    OUT name text, OUT version text, OUT "position" bigint, OUT lag bigint, OUT waiting interval
) RETURNS SETOF record LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    head bigint := (SELECT coalesce(max(notification_id), 0) FROM public.ledger_events);
BEGIN
    FOR name, version IN
        SELECT n.nspname, obj_description(n.oid, 'pg_namespace')
          FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid
         WHERE c.relname = n.nspname || '_tracking' AND c.relkind = 'r'
           AND has_schema_privilege(n.oid, 'USAGE')
           AND has_column_privilege(c.oid, 'notification_id', 'SELECT')
         ORDER BY 1
    LOOP
        EXECUTE format('SELECT coalesce(max(notification_id), 0) FROM %I.%I',
                       name, name || '_tracking') INTO "position";
        lag := head - "position";
        waiting := (SELECT greatest(clock_timestamp() - operator.made_at(entry_id), interval '0')
                      FROM public.ledger_events WHERE notification_id = "position" + 1);
        RETURN NEXT;
    END LOOP;
END $$;
CREATE VIEW operator.read_models WITH (security_invoker = true) AS
    SELECT * FROM operator.read_read_models();
COMMENT ON VIEW operator.read_models IS 'How far each read model follows the ledger: its position, '
    'how many entries it lags, and how long the oldest of them has waited.';

CREATE FUNCTION operator.read_sizes(
    OUT table_schema text, OUT table_name text, OUT bytes bigint, OUT estimated_rows bigint
) RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    SELECT n.nspname, c.relname, pg_total_relation_size(c.oid), greatest(c.reltuples, 0)::bigint
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
$$;
CREATE VIEW operator.sizes WITH (security_invoker = true) AS
    SELECT * FROM operator.read_sizes() ORDER BY bytes DESC;
COMMENT ON VIEW operator.sizes IS 'Bytes of each table with its indexes and its large values.';

CREATE VIEW operator.sessions WITH (security_invoker = true) AS
    SELECT role, way, count(*) AS sessions, max(seen_at) AS last_seen_at
      FROM public.sessions WHERE ends_at > clock_timestamp() GROUP BY 1, 2 ORDER BY 1, 2;
COMMENT ON VIEW operator.sessions IS
    'Sessions whose absolute limit has not passed, by role and way of signing in.';

CREATE VIEW operator.tokens WITH (security_invoker = true) AS
    SELECT role, count(*) AS tokens,
           count(*) FILTER (WHERE expires_at < clock_timestamp() + interval '14 days') AS expiring
      FROM public.tokens WHERE revoked_at IS NULL AND expires_at > clock_timestamp()
     GROUP BY 1 ORDER BY 1;
COMMENT ON VIEW operator.tokens IS 'Valid tokens by role, and those that expire within 14 days.';

CREATE VIEW operator.attempts WITH (security_invoker = true) AS
    SELECT name, count(*) AS callers, max(free_at) - clock_timestamp() AS longest_wait
      FROM public.rates WHERE free_at > clock_timestamp() GROUP BY 1 ORDER BY 1;
COMMENT ON VIEW operator.attempts IS 'Callers whose attempts are being counted, by kind.';

CREATE VIEW operator.long_streams WITH (security_invoker = true) AS
    SELECT originator_id AS stream, max(originator_version) AS steps
      FROM public.ledger_events GROUP BY 1 ORDER BY 2 DESC LIMIT 100;
COMMENT ON VIEW operator.long_streams IS 'The hundred longest streams. It reads the whole ledger.';

-- As the owner, who may see the sessions of every role of the service.
CREATE FUNCTION operator.read_connections(
    OUT application_name text, OUT state text, OUT connections bigint, OUT oldest_transaction interval
) RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.application_name, coalesce(a.state, 'hidden'), count(*),
           max(clock_timestamp() - a.xact_start)
      FROM pg_stat_activity a
     WHERE a.datname = current_database() AND a.backend_type = 'client backend'
       AND a.pid <> pg_backend_pid() GROUP BY 1, 2
$$;
CREATE VIEW operator.connections WITH (security_invoker = true) AS
    SELECT * FROM operator.read_connections() ORDER BY 1, 2;
COMMENT ON VIEW operator.connections IS
    'Connections by application and state, and the longest that a transaction has been open.';

CREATE FUNCTION operator.read_waits(
    OUT waiting_pid integer, OUT waiting_application text, OUT waited interval,
    OUT blocked_by integer[]
) RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.pid, a.application_name, clock_timestamp() - a.query_start, pg_blocking_pids(a.pid)
      FROM pg_stat_activity a
     WHERE a.datname = current_database() AND a.wait_event_type = 'Lock'
$$;
CREATE VIEW operator.waits WITH (security_invoker = true) AS
    SELECT * FROM operator.read_waits() ORDER BY waited DESC;
COMMENT ON VIEW operator.waits IS 'Connections that wait for a lock, and those that hold it.';

CREATE VIEW operator.archiver WITH (security_invoker = true) AS
    SELECT archived_count, last_archived_time, failed_count, last_failed_time,
           coalesce(last_failed_time > last_archived_time, last_failed_time IS NOT NULL) AS failing
      FROM pg_stat_archiver;
COMMENT ON VIEW operator.archiver IS 'Whether write-ahead log reaches its archive, where there is one.';

CREATE VIEW operator.schema_steps WITH (security_invoker = true) AS
    SELECT number, name, applied_at FROM public.schema_migrations ORDER BY number DESC;
COMMENT ON VIEW operator.schema_steps IS 'The steps of the schema, latest first.';

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA operator FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA operator TO tracker_operator;
GRANT SELECT ON ALL TABLES IN SCHEMA operator TO tracker_operator;
