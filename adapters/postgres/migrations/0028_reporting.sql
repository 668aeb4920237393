-- Logins for tools that read by SQL: one role for each audience, which a login is granted, and the
-- schema with their views. The projector makes the views, over the read models that it keeps.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'tracker_bi_public', 'tracker_bi_force', 'tracker_bi_inspectorate'
    ] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;  -- roles belong to the whole server, and another database has made it
        END;
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), name);
    END LOOP;
END $$;

CREATE SCHEMA reporting;
COMMENT ON SCHEMA reporting IS
    'Views for tools that read by SQL. catalogue_v1 describes each of their columns.';
GRANT USAGE ON SCHEMA reporting
    TO tracker_bi_public, tracker_bi_force, tracker_bi_inspectorate;
GRANT USAGE, CREATE ON SCHEMA reporting TO tracker_projector;
-- Of their tables, each read model says for itself which rows an audience reads.
ALTER DEFAULT PRIVILEGES FOR ROLE tracker_projector GRANT USAGE ON SCHEMAS
    TO tracker_bi_public, tracker_bi_force, tracker_bi_inspectorate;

CREATE TABLE bi_logins (
    login text PRIMARY KEY,
    force text NOT NULL
);
COMMENT ON TABLE bi_logins IS 'The force of each login of the audience tracker_bi_force.';

-- By the login, which no SET can change. With the rights of the owner: the table is for nobody else.
CREATE FUNCTION reporting.own_force() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    SELECT force FROM public.bi_logins WHERE login = session_user
$$;
COMMENT ON FUNCTION reporting.own_force IS 'The force that the login belongs to, if it is a force''s.';
REVOKE ALL ON FUNCTION reporting.own_force FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reporting.own_force
    TO tracker_projector, tracker_bi_public, tracker_bi_force, tracker_bi_inspectorate;
