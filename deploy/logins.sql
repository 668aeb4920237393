-- PostgreSQL's logins for a server of your own: a superuser runs this in the service's database before
-- the first migration, and again after each upgrade. Passwords, if any, are set beside it.
--
-- tracker_migrate owns the database, and nothing runs as it but `tracker migrate` and the command line.
-- Of the others each may become the roles that its process needs, and no more. Those roles belong to
-- migrations; they are made here so that memberships can be granted before there is a schema.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'tracker_migrate', 'tracker_api', 'tracker_project', 'tracker_publish',
        'tracker_backup'
    ] LOOP
        IF to_regrole(name) IS NULL THEN
            EXECUTE format('CREATE ROLE %I LOGIN', name);
        END IF;
    END LOOP;
    FOREACH name IN ARRAY ARRAY[
        'tracker_app', 'tracker_reader', 'tracker_projector', 'tracker_checker', 'tracker_operator'
    ] LOOP
        IF to_regrole(name) IS NULL THEN
            EXECUTE format('CREATE ROLE %I LOGIN', name);
        END IF;
        EXECUTE format('GRANT %I TO tracker_migrate WITH ADMIN OPTION', name);
    END LOOP;
    -- Of the audiences that read by SQL: `tracker bi-login` makes logins, and grants these to them.
    FOREACH name IN ARRAY ARRAY[
        'tracker_bi_public', 'tracker_bi_force', 'tracker_bi_inspectorate'
    ] LOOP
        IF to_regrole(name) IS NULL THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        END IF;
        EXECUTE format('GRANT %I TO tracker_migrate WITH ADMIN OPTION', name);
    END LOOP;
    EXECUTE format('ALTER DATABASE %I OWNER TO tracker_migrate', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO tracker_backup', current_database());
END $$;

ALTER ROLE tracker_migrate CREATEROLE;  -- a migration makes the roles that it grants to
GRANT tracker_app, tracker_reader, tracker_operator TO tracker_api;
GRANT tracker_projector, tracker_operator TO tracker_project;
-- It reads lists, and of the ledger the position of what is published; the projector sees no notes.
GRANT tracker_reader, tracker_projector TO tracker_publish;
-- It reads every row, and writes none.
GRANT pg_read_all_data TO tracker_backup;
