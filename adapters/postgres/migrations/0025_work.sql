-- The work of people: who leads which force, saved filters, and visits to the start page.

-- One row for each change; the last of a force is in effect. Nobody can change or delete a row, so
-- that it stays known who led a force when.
CREATE TABLE force_leads (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    force text NOT NULL,
    lead text,              -- an actor; null: nobody
    by text NOT NULL,       -- the actor who set it
    at timestamptz NOT NULL
);
CREATE INDEX force_leads_force_idx ON force_leads (force, number DESC);

CREATE TABLE saved_filters (
    actor text NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    path text NOT NULL,
    query text NOT NULL CHECK (length(query) <= 1000),
    at timestamptz NOT NULL,
    PRIMARY KEY (actor, name)
);

CREATE TABLE visits (
    actor text PRIMARY KEY,
    seen_at timestamptz NOT NULL,
    before_at timestamptz   -- the end of the visit before; null: this is the first
);

GRANT SELECT, INSERT ON force_leads TO tracker_app;
GRANT SELECT, INSERT, DELETE ON saved_filters TO tracker_app;
GRANT UPDATE (path, query, at) ON saved_filters TO tracker_app;
GRANT SELECT, INSERT ON visits TO tracker_app;
GRANT UPDATE (seen_at, before_at) ON visits TO tracker_app;
