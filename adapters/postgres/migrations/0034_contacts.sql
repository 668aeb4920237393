-- What the public writes to the service: personal data, which goes on its day.
CREATE TABLE contacts (
    reference text PRIMARY KEY CHECK (reference ~ '^[0-9A-Z]{10}$'),
    about text CHECK (length(about) BETWEEN 1 AND 300),         -- an address within the service
    message text NOT NULL CHECK (length(message) BETWEEN 1 AND 4000),
    reply_to text CHECK (length(reply_to) BETWEEN 3 AND 254),   -- an e-mail address
    received_at timestamptz NOT NULL,
    purge_at timestamptz NOT NULL
);
CREATE INDEX contacts_received_at_idx ON contacts (received_at DESC, reference);
CREATE INDEX contacts_purge_at_idx ON contacts (purge_at);

-- What came of each, without anything of its sender. Nobody can change or delete a row; the last of
-- a reference is in effect, and stays when the message has gone.
CREATE TABLE contact_outcomes (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reference text NOT NULL CHECK (reference ~ '^[0-9A-Z]{10}$'),
    received_at timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('no_change', 'corrected', 'passed_on', 'spam')),
    stream uuid,            -- of the step that corrected it, and of no other outcome
    step bigint CHECK (step > 0),
    by text NOT NULL,       -- the actor who recorded it
    at timestamptz NOT NULL,
    CHECK ((outcome = 'corrected') = (stream IS NOT NULL)),
    CHECK ((stream IS NULL) = (step IS NULL))
);
CREATE INDEX contact_outcomes_reference_idx ON contact_outcomes (reference, number DESC);

GRANT SELECT, INSERT, DELETE ON contacts TO tracker_app;
GRANT SELECT, INSERT ON contact_outcomes TO tracker_app;
