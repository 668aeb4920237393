-- Finds the published entries of reports, which are few among those of recommendations.
CREATE INDEX ledger_events_published_reports_idx ON ledger_events (notification_id)
    WHERE starts_with(topic, 'report.')
      AND NOT starts_with(topic, 'access.')
      AND topic NOT IN ('recommendation.commented', 'recommendation.progress_reported',
                        'recommendation.redaction_requested', 'recommendation.withdrawal_requested',
                        'recommendation.suppression_requested', 'report.redaction_requested',
                        'report.suppression_requested');
