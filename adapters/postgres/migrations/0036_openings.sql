-- Finds the last openings of disputes and questions; its condition is that of adapters/work/openings.py.
CREATE INDEX ledger_events_openings_idx ON ledger_events (notification_id)
    WHERE topic IN ('recommendation.disputed', 'report.disputed',
                    'recommendation.question_asked', 'report.question_asked');
