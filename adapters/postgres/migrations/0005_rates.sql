-- How often something was tried from where, counted exactly for all processes of the service.
--
-- Unlogged: a crash forgets it, and nothing waits for a disk. Who asks is a number out of 2^20, so
-- that the table has a size at most, and no address of anybody is kept.
CREATE UNLOGGED TABLE rates (
    name text NOT NULL,
    slot integer NOT NULL CHECK (slot BETWEEN 0 AND 1048575),
    free_at timestamptz NOT NULL,
    PRIMARY KEY (name, slot)
);
CREATE INDEX rates_free_at_idx ON rates (free_at);
COMMENT ON TABLE rates IS 'When each of those who try something has all of their tries again.';

-- Takes one try, if there is one: `burst` at once, and one more every `gap` milliseconds (the
-- generic cell rate algorithm). Says how many milliseconds there are to wait for one; 0 took it.
CREATE FUNCTION rates_take(taken_name text, taken_slot bigint, burst bigint, gap bigint)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    step interval := gap * interval '1 millisecond';
BEGIN
    DELETE FROM rates WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM rates WHERE free_at < moment ORDER BY free_at LIMIT 4
        FOR UPDATE SKIP LOCKED));
    INSERT INTO rates AS r (name, slot, free_at)
         VALUES (taken_name, taken_slot::integer, moment + step)
    ON CONFLICT (name, slot) DO UPDATE SET free_at = greatest(r.free_at, moment) + step
          WHERE greatest(r.free_at, moment) + step <= moment + burst * step;
    IF FOUND THEN
        RETURN 0;
    END IF;
    RETURN greatest(1, ceil(extract(epoch FROM (
        SELECT r.free_at - moment - (burst - 1) * step FROM rates r
         WHERE r.name = taken_name AND r.slot = taken_slot)) * 1000));
END $$;

REVOKE ALL ON FUNCTION rates_take FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rates_take TO tracker_app;
