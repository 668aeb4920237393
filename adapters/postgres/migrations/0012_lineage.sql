-- The lineages of the ledger. Within one, a position names the same entry for ever. A new one begins
-- where that may not hold: the database was put back to an earlier moment, or a copy of it took over.
CREATE TABLE ledger_lineages (
    number integer PRIMARY KEY CHECK (number > 0),
    id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    since_position bigint NOT NULL,
    server text NOT NULL,
    began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    reason text NOT NULL CHECK (octet_length(reason) BETWEEN 1 AND 500)
);
COMMENT ON TABLE ledger_lineages IS
    'The last row is the present lineage. Entries up to since_position were on record when it began.';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_lineages
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

-- Names the copy of the database that answers: the system identifier of its server, the timeline of
-- its write-ahead log and its oid. A recovery to a point in time and a promotion change the timeline,
-- a dump and another server the rest. NULL on a standby, which writes no log of its own.
CREATE FUNCTION ledger_server() RETURNS text LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF pg_is_in_recovery() THEN
        RETURN NULL;
    END IF;
    RETURN concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
                     left(pg_walfile_name(pg_current_wal_insert_lsn()), 8),
                     (SELECT oid FROM pg_database WHERE datname = current_database()));
END $$;

-- The operator's word that the service may go on with this copy of the database, as it is.
CREATE FUNCTION ledger_begin_lineage(why text) RETURNS uuid LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    begun uuid;
BEGIN
    PERFORM pg_advisory_xact_lock(7411, 1);
    INSERT INTO ledger_lineages (number, since_position, server, reason)
    SELECT coalesce((SELECT max(number) FROM ledger_lineages), 0) + 1,
           coalesce((SELECT max(notification_id) FROM ledger_events), 0), ledger_server(), why
    RETURNING id INTO begun;
    RETURN begun;
END $$;

REVOKE ALL ON FUNCTION ledger_server, ledger_begin_lineage FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_server TO tracker_app, tracker_projector, tracker_checker;
GRANT SELECT ON ledger_lineages TO tracker_app, tracker_projector, tracker_checker;

SELECT ledger_begin_lineage('The lineage of the ledger began to be recorded.');
