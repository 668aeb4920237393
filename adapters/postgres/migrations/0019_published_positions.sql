-- Finds the last published entry up to a position: all but what leaves no trace in public answers.
CREATE INDEX ledger_events_published_idx ON ledger_events (notification_id)
    WHERE topic NOT LIKE 'access.%'
      AND topic NOT IN ('recommendation.commented', 'recommendation.progress_reported',
                        'recommendation.redaction_requested', 'recommendation.withdrawal_requested',
                        'recommendation.suppression_requested', 'report.redaction_requested',
                        'report.suppression_requested');
