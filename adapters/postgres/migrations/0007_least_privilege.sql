-- Who may do what in the database, as little as each needs.
--
-- A role of its own re-reads the ledger with its notes and their salts (`tracker check`): the
-- service shows notes, and has no use for salts.
DO $$
BEGIN
    BEGIN
        CREATE ROLE tracker_checker LOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;  -- roles belong to the whole server, and another database has made it
    END;
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        GRANT tracker_checker TO current_user;
    END IF;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO tracker_app, tracker_projector, tracker_checker',
                   current_database());
END $$;

GRANT SELECT ON ledger_events, ledger_notes TO tracker_checker;
GRANT SELECT ON schema_migrations TO tracker_checker;

REVOKE SELECT ON ledger_notes FROM tracker_app;
GRANT SELECT (entry_id, field, note) ON ledger_notes TO tracker_app;

-- With the rights of who asks, not of who made it.
ALTER VIEW ledger SET (security_invoker = true);

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO tracker_app, tracker_projector, tracker_checker;
REVOKE ALL ON FUNCTION ledger_refuse_change FROM PUBLIC;
ALTER FUNCTION ledger_refuse_change SET search_path = pg_catalog, pg_temp;
