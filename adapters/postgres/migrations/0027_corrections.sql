-- Finds the latest corrections, which an auditor's page begins with. Its condition is that of
-- adapters/ledger/queries.py, word for word.
CREATE INDEX ledger_events_corrected_idx ON ledger_events (notification_id)
    WHERE topic IN ('recommendation.corrected', 'report.corrected');
