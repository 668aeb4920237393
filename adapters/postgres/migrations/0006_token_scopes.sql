-- What a token may do of what its role may, when it was last used, and what took its place.
ALTER TABLE tokens
    ADD COLUMN scopes text[] NOT NULL DEFAULT '{read,write}'
        CHECK (cardinality(scopes) > 0 AND scopes <@ '{read,write}'),
    ADD COLUMN last_used_on date,
    ADD COLUMN successor uuid REFERENCES tokens;

-- The service looks up who a token stands for, and no more; it says which were used, to the day.
REVOKE SELECT ON tokens FROM tracker_app;
GRANT SELECT (id, sha256, actor, role, force, scopes, expires_at, revoked_at, last_used_on)
    ON tokens TO tracker_app;

CREATE FUNCTION tokens_used(used uuid[]) RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
    UPDATE public.tokens SET last_used_on = (now() AT TIME ZONE 'UTC')::date
     WHERE id = ANY (used) AND last_used_on IS DISTINCT FROM (now() AT TIME ZONE 'UTC')::date
$$;
REVOKE ALL ON FUNCTION tokens_used FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tokens_used TO tracker_app;
