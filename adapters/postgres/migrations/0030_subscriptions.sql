-- Subscriptions: addresses to which notices are sent as webhooks, and how far each has come.
CREATE TABLE subscriptions (
    id uuid PRIMARY KEY,
    actor text NOT NULL,
    url text NOT NULL CHECK (octet_length(url) <= 2000),
    force text,             -- only of that force; null: of all
    about text CHECK (about IN ('report', 'recommendation')),
    training boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    lineage uuid NOT NULL,  -- of the ledger, within which the position counts
    position bigint NOT NULL CHECK (position >= 0),
    failures integer NOT NULL DEFAULT 0,
    failure text,           -- why the last attempt failed; null: it did not
    next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    paused_at timestamptz   -- null: it goes on
);
CREATE INDEX subscriptions_actor_idx ON subscriptions (actor);
COMMENT ON TABLE subscriptions IS 'Everything up to its position was taken by the address, or is not for it.';

-- Apart, so that nobody but the process that signs can read them. An old one is valid for a while
-- beside its successor. The name comes after that of the table it refers to: so backups restore them.
CREATE TABLE webhook_secrets (
    subscription uuid NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    secret bytea NOT NULL CHECK (octet_length(secret) BETWEEN 24 AND 64),
    ends_at timestamptz,    -- null: it is the present one
    PRIMARY KEY (subscription, made_at)
);

GRANT SELECT, INSERT, DELETE ON subscriptions TO tracker_app;
GRANT UPDATE (lineage, position, failures, failure, next_at, paused_at) ON subscriptions TO tracker_app;
GRANT INSERT, DELETE ON webhook_secrets TO tracker_app;
GRANT SELECT (subscription, made_at, ends_at), UPDATE (ends_at) ON webhook_secrets TO tracker_app;
GRANT SELECT ON subscriptions, webhook_secrets TO tracker_projector;
GRANT UPDATE (position, failures, failure, next_at, paused_at) ON subscriptions TO tracker_projector;

GRANT SELECT (failures, paused_at) ON subscriptions TO tracker_operator;
CREATE VIEW operator.subscriptions WITH (security_invoker = true) AS
    SELECT CASE WHEN paused_at IS NOT NULL THEN 'paused' WHEN failures > 0 THEN 'failing' ELSE 'active' END
               AS state, count(*) AS subscriptions
      FROM public.subscriptions GROUP BY 1;
COMMENT ON VIEW operator.subscriptions IS 'Webhooks by state.';
GRANT SELECT ON operator.subscriptions TO tracker_operator;
