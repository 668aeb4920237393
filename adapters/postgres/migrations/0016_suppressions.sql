-- Finds the few streams of which a text was suppressed, whenever entries are read in the order of
-- the ledger. Its condition is that of adapters/ledger/queries.py, word for word.
CREATE INDEX ledger_events_suppressed_idx ON ledger_events (originator_id)
    WHERE topic IN ('recommendation.suppression_approved', 'report.suppression_approved');
