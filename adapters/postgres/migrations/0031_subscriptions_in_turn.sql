-- What is decided by rows that another statement may be writing is decided after it: each statement
-- of these functions sees what was committed before it began, so after the wait for the lock.
CREATE FUNCTION subscriptions_count(of_actor text)
RETURNS bigint LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7414, hashtext(of_actor));
    RETURN (SELECT count(*) FROM subscriptions WHERE actor = of_actor);
END $$;
COMMENT ON FUNCTION subscriptions_count IS
    'The number of an actor''s subscriptions, which only this transaction can then add to.';

CREATE FUNCTION webhook_secret_rotate(of_actor text, of_subscription uuid, old_ends_at timestamptz, new_secret bytea)
RETURNS boolean LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM subscriptions WHERE actor = of_actor AND id = of_subscription FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM webhook_secrets WHERE subscription = of_subscription AND ends_at IS NOT NULL;
    UPDATE webhook_secrets SET ends_at = old_ends_at WHERE subscription = of_subscription;
    INSERT INTO webhook_secrets (subscription, secret) VALUES (of_subscription, new_secret);
    RETURN true;
END $$;
COMMENT ON FUNCTION webhook_secret_rotate IS
    'Add a secret to a subscription; the one before ends then, and those before it at once.';

REVOKE ALL ON FUNCTION subscriptions_count, webhook_secret_rotate FROM PUBLIC;
GRANT EXECUTE ON FUNCTION subscriptions_count, webhook_secret_rotate TO tracker_app;
