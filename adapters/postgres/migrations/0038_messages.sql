-- Messages by mail: who has them, what each is to be told, and how far the ledger was followed.

-- A person with their preferences, or an alert that somebody of the public asked for. The id to
-- unsubscribe by is drawn at random, and can do nothing else.
CREATE TABLE message_recipients (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    actor text UNIQUE,          -- null: an alert of the public
    address text NOT NULL CHECK (octet_length(address) <= 254),
    force text,                 -- an alert: only of that force
    area text,                  -- an alert: only of that area
    at_once boolean NOT NULL DEFAULT false,
    digest text NOT NULL DEFAULT 'none' CHECK (digest IN ('none', 'daily', 'weekly')),
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    confirm_sha256 bytea UNIQUE CHECK (octet_length(confirm_sha256) = 32),
    confirm_ends_at timestamptz,
    confirmed_at timestamptz,   -- null: nothing but a request to confirm is sent
    unsubscribe uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    bounces integer NOT NULL DEFAULT 0,
    stopped_at timestamptz,     -- null: the address takes messages, as far as is known
    digested_at timestamptz,    -- what is new since then is in the next digest
    CHECK ((actor IS NULL) = (force IS NOT NULL OR area IS NOT NULL)),
    CHECK (actor IS NOT NULL OR (NOT at_once AND digest = 'none'))
);
CREATE UNIQUE INDEX message_recipients_alert_idx
    ON message_recipients (address, coalesce(force, ''), coalesce(area, '')) WHERE actor IS NULL;
CREATE INDEX message_recipients_unconfirmed_idx ON message_recipients (made_at)
    WHERE confirmed_at IS NULL AND actor IS NULL;

-- The outbox. A message is made once for each recipient and cause; one mail can carry several.
-- The name comes after that of the table it refers to: so backups restore them.
CREATE TABLE messages (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipient uuid NOT NULL REFERENCES message_recipients ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('confirm', 'at_once', 'digest', 'alert')),
    cause text NOT NULL,        -- the position of a step, the day of a digest, or a request
    about jsonb NOT NULL,       -- identifiers, codes, dates and counts, and no text
    lineage uuid,               -- of the ledger, within which a position counts
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    next_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'given_up')),
    mail uuid,                  -- of the mail that carries it, from the moment it may be on its way
    attempts integer NOT NULL DEFAULT 0,
    failure text,               -- a code, never what a server said
    ended_at timestamptz,
    bounced_at timestamptz,
    UNIQUE (recipient, kind, cause)
);
CREATE INDEX messages_open_idx ON messages (recipient, number) WHERE state IN ('waiting', 'sending');
CREATE INDEX messages_ended_idx ON messages (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX messages_mail_idx ON messages (mail) WHERE mail IS NOT NULL;

-- How far the ledger was followed: kept in the transaction that makes the messages.
CREATE TABLE message_progress (
    name text PRIMARY KEY CHECK (name = 'ledger'),
    lineage uuid NOT NULL,
    position bigint NOT NULL CHECK (position >= 0),
    digest_day date             -- the last day of which digests were made
);

GRANT SELECT, INSERT, DELETE ON message_recipients TO tracker_app;
GRANT UPDATE (address, at_once, digest, confirm_sha256, confirm_ends_at, confirmed_at, bounces, stopped_at)
    ON message_recipients TO tracker_app;
GRANT SELECT ON messages TO tracker_app;
GRANT INSERT (recipient, kind, cause, about, next_at) ON messages TO tracker_app;
GRANT UPDATE (failure, bounced_at) ON messages TO tracker_app;

GRANT SELECT, DELETE ON message_recipients, messages TO tracker_projector;
GRANT UPDATE (confirm_sha256, confirm_ends_at, bounces, stopped_at, digested_at)
    ON message_recipients TO tracker_projector;
GRANT INSERT, UPDATE ON messages TO tracker_projector;
GRANT SELECT, INSERT, UPDATE ON message_progress TO tracker_projector;
GRANT SELECT (actor, role, force, signed_in_at) ON people TO tracker_projector;
GRANT SELECT (number, force, lead) ON force_leads TO tracker_projector;

GRANT SELECT (kind, state, next_at, made_at, attempts) ON messages TO tracker_operator;
CREATE VIEW operator.messages WITH (security_invoker = true) AS
    SELECT kind, state, count(*) AS messages,
           greatest(interval '0', max(clock_timestamp() - CASE WHEN attempts > 0 THEN made_at ELSE next_at END)
               FILTER (WHERE state IN ('waiting', 'sending'))) AS late
      FROM public.messages GROUP BY 1, 2;
COMMENT ON VIEW operator.messages IS
    'Messages by kind and state, and for how long the first of those that should have gone has waited.';
GRANT SELECT ON operator.messages TO tracker_operator;
