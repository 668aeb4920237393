-- The indexes of published entries, which leave out the replies and questions between two parties.
DROP INDEX ledger_events_published_idx;
CREATE INDEX ledger_events_published_idx ON ledger_events (notification_id)
    WHERE NOT starts_with(topic, 'access.')
      AND topic NOT IN ('recommendation.commented', 'recommendation.progress_reported',
                        'recommendation.redaction_requested', 'recommendation.withdrawal_requested',
                        'recommendation.suppression_requested', 'report.redaction_requested',
                        'report.suppression_requested',
                        'recommendation.dispute_replied', 'recommendation.words_proposed',
                        'recommendation.question_asked', 'recommendation.question_answered',
                        'report.dispute_replied', 'report.words_proposed',
                        'report.question_asked', 'report.question_answered');
DROP INDEX ledger_events_published_reports_idx;
CREATE INDEX ledger_events_published_reports_idx ON ledger_events (notification_id)
    WHERE starts_with(topic, 'report.')
      AND NOT starts_with(topic, 'access.')
      AND topic NOT IN ('recommendation.commented', 'recommendation.progress_reported',
                        'recommendation.redaction_requested', 'recommendation.withdrawal_requested',
                        'recommendation.suppression_requested', 'report.redaction_requested',
                        'report.suppression_requested',
                        'recommendation.dispute_replied', 'recommendation.words_proposed',
                        'recommendation.question_asked', 'recommendation.question_answered',
                        'report.dispute_replied', 'report.words_proposed',
                        'report.question_asked', 'report.question_answered');
