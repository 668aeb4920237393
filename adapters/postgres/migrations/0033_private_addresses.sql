-- Addresses that nobody can guess, at which a person's programs read a list's changes or deadlines.
-- Only the hash of what is secret in one is here; a row that is deleted opens nothing any more.
CREATE TABLE private_addresses (
    id uuid PRIMARY KEY,
    sha256 bytea NOT NULL UNIQUE CHECK (octet_length(sha256) = 32),
    actor text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('changes', 'deadlines')),
    name text NOT NULL CHECK (length(name) <= 80),       -- of the saved filter, as it was
    query text NOT NULL CHECK (length(query) <= 1000),   -- of that filter, as it was
    made_at timestamptz NOT NULL,
    used_on date                                         -- null: never
);
CREATE INDEX private_addresses_actor_idx ON private_addresses (actor, made_at);

-- As subscriptions_count, which says why it is a function.
CREATE FUNCTION private_addresses_count(of_actor text)
RETURNS bigint LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7415, hashtext(of_actor));
    RETURN (SELECT count(*) FROM private_addresses WHERE actor = of_actor);
END $$;
COMMENT ON FUNCTION private_addresses_count IS
    'The number of an actor''s private addresses, which only this transaction can then add to.';

REVOKE ALL ON FUNCTION private_addresses_count FROM PUBLIC;
GRANT EXECUTE ON FUNCTION private_addresses_count TO tracker_app;
GRANT SELECT, INSERT, DELETE ON private_addresses TO tracker_app;
GRANT UPDATE (sha256, made_at, used_on) ON private_addresses TO tracker_app;
