-- A role that reads the read models, and nothing else.
--
-- The projector owns the read models, and could put a view in place of a table: its code would run
-- with the rights of whoever reads it. The service therefore reads them as this role, and no longer
-- as tracker_app, which may append and read notes; that role keeps its grants for the release before.
DO $$
DECLARE
    member name;
    made record;
BEGIN
    BEGIN
        CREATE ROLE tracker_reader LOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;  -- roles belong to the whole server, and another database has made it
    END;
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        GRANT tracker_reader TO current_user;
    END IF;
    -- A login that may become tracker_app serves, and has to read lists too.
    FOR member IN
        SELECT m.rolname FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member
         WHERE a.roleid = 'tracker_app'::regrole AND m.rolname <> current_user
    LOOP
        EXECUTE format('GRANT tracker_reader TO %I', member);
    END LOOP;
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO tracker_reader', current_database());
    FOR made IN
        SELECT nspname FROM pg_namespace WHERE nspowner = 'tracker_projector'::regrole
    LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO tracker_reader', made.nspname);
        EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO tracker_reader', made.nspname);
    END LOOP;
END $$;

GRANT USAGE ON SCHEMA public TO tracker_reader;
GRANT SELECT ON schema_migrations TO tracker_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE tracker_projector GRANT USAGE ON SCHEMAS TO tracker_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE tracker_projector GRANT SELECT ON TABLES TO tracker_reader;
