-- The latest test of a webhook: asked for by its owner, sent by the process that reads the secrets.
ALTER TABLE subscriptions
    ADD COLUMN test_id uuid,                   -- its webhook-id; null: none was asked for
    ADD COLUMN test_requested_at timestamptz,
    ADD COLUMN test_ended_at timestamptz,      -- null: it was not sent yet
    ADD COLUMN test_outcome text;              -- the status of the answer, or why there was none
GRANT UPDATE (test_id, test_requested_at, test_ended_at, test_outcome) ON subscriptions TO tracker_app;
GRANT UPDATE (test_ended_at, test_outcome) ON subscriptions TO tracker_projector;
