-- The entries that can move something, by stream: all but remarks, which are by far the most.
-- Read models are built of these alone, wherever every date is exact.
CREATE INDEX ledger_events_moves_idx ON ledger_events (originator_id, originator_version)
    WHERE topic NOT IN ('recommendation.commented', 'recommendation.progress_reported');
