-- The counts of one force, told anew from the raw entries: another way to the same numbers.
WITH known AS (
    SELECT stream, step, tag, entry -> 'event' AS event, entry ->> 'on' AS written_on,
           ((entry ->> 'at')::timestamptz AT TIME ZONE 'Europe/London')::date AS recorded
      FROM ledger
     WHERE (entry ->> 'at')::timestamptz <= %(known_at)s AND tag LIKE 'recommendation.%%'
), mended AS (
    SELECT DISTINCT ON (stream, event ->> 'step', event ->> 'field')
           stream, (event ->> 'step')::bigint AS step, event ->> 'field' AS field,
           event ->> 'now' AS now
      FROM known WHERE tag = 'recommendation.corrected'
     ORDER BY stream, event ->> 'step', event ->> 'field', step DESC
), dated AS (
    SELECT k.*, coalesce(m.now, k.written_on) AS took_effect
      FROM known k LEFT JOIN mended m USING (stream, step)
     WHERE m.field IS NULL OR m.field = 'on'
    UNION ALL
    SELECT k.*, k.written_on FROM known k
     WHERE EXISTS (SELECT FROM mended m WHERE (m.stream, m.step) = (k.stream, k.step))
       AND NOT EXISTS (SELECT FROM mended m
                        WHERE (m.stream, m.step, m.field) = (k.stream, k.step, 'on'))
), ranged AS (
    SELECT *, CASE length(took_effect)
                  WHEN 10 THEN took_effect::date
                  WHEN 4 THEN (took_effect || '-12-31')::date
                  WHEN 7 THEN CASE WHEN took_effect <> 'unknown' THEN
                      ((took_effect || '-01')::date + interval '1 month - 1 day')::date END
              END AS last_day,
           CASE WHEN took_effect <> 'unknown' THEN
               rpad(took_effect, 10, '-01-01')::date END AS first_day
      FROM dated
), floored AS (
    SELECT *, max(first_day) OVER (PARTITION BY stream ORDER BY step) AS floor
      FROM ranged
     WHERE tag NOT IN ('recommendation.corrected', 'recommendation.note_redacted',
                       'recommendation.redaction_requested', 'recommendation.redaction_approved')
), settled AS (
    SELECT *, min(greatest(floor, least(last_day, recorded))) OVER
               (PARTITION BY stream ORDER BY step ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
               AS day
      FROM floored
), kept AS (
    SELECT s.*, i.event ->> 'addressee' AS force
      FROM settled s JOIN known i ON i.stream = s.stream AND i.step = 1
     WHERE s.day <= %(on)s AND i.event ->> 'addressee' = %(force)s
), one AS (
    SELECT stream,
        (SELECT coalesce((SELECT m.now FROM mended m
                           WHERE m.stream = k.stream AND m.step = 1 AND m.field = 'kind'),
                         min(event ->> 'kind') FILTER (WHERE step = 1))) AS kind,
        min(took_effect) FILTER (WHERE step = 1) AS issued_on,
        min(last_day) FILTER (WHERE step = 1) AS issued_latest,
        (array_agg(tag ORDER BY step DESC) FILTER (WHERE tag IN (
            'recommendation.issued', 'recommendation.action_plan_received',
            'recommendation.action_plan_reviewed', 'recommendation.follow_up_assigned',
            'recommendation.follow_up_reported')))[1] AS last_move,
        coalesce((array_agg(tag ORDER BY step DESC) FILTER (WHERE tag IN (
            'recommendation.closed', 'recommendation.reopened')))[1]
            = 'recommendation.closed', false) AS closed,
        (array_agg(event ->> 'reason' ORDER BY step DESC)
            FILTER (WHERE tag = 'recommendation.closed'))[1] AS closed_reason,
        (array_agg(took_effect ORDER BY step DESC)
            FILTER (WHERE tag = 'recommendation.closed'))[1] AS closed_on,
        coalesce((array_agg(tag ORDER BY step DESC) FILTER (WHERE tag IN (
            'recommendation.completion_claimed', 'recommendation.claim_returned',
            'recommendation.closed')))[1]
            = 'recommendation.completion_claimed', false) AS claimed,
        (array_agg(event ->> 'level' ORDER BY step DESC)
            FILTER (WHERE tag = 'recommendation.assurance_recorded'))[1] AS assurance,
        count(*) FILTER (WHERE tag = 'recommendation.time_limit_changed') AS changes,
        count(*) FILTER (WHERE tag = 'recommendation.reopened') AS reopenings,
        max(step) FILTER (WHERE tag = 'recommendation.closed') AS closing,
        (array_agg(took_effect ORDER BY step)
            FILTER (WHERE tag = 'recommendation.action_plan_received'))[1] AS plan_on,
        bool_or(tag = 'recommendation.action_plan_waived') AS waived,
        (array_agg(CASE tag WHEN 'recommendation.issued' THEN
                coalesce((SELECT m.now FROM mended m WHERE m.stream = k.stream AND m.step = 1
                             AND m.field = 'time_limit'), event ->> 'time_limit')
                ELSE event ->> 'now' END ORDER BY step DESC)
            FILTER (WHERE tag IN ('recommendation.issued', 'recommendation.time_limit_changed'))
        )[1] AS time_limit
      FROM kept k GROUP BY stream
), weighed AS (
    SELECT one.*, (SELECT tag IN ('recommendation.completion_claimed',
                                  'recommendation.assurance_recorded')
                          OR coalesce(event ->> 'finding' IN ('met', 'narrative'), false)
                          OR coalesce(event ->> 'reading' NOT IN
                                 ('not_improved', 'too_early', 'not_applicable'), false)
                     FROM kept k
                    WHERE k.stream = one.stream AND k.step < one.closing
                      AND (tag IN ('recommendation.completion_claimed',
                                   'recommendation.assurance_recorded',
                                   'recommendation.follow_up_reported',
                                   'recommendation.claim_returned', 'recommendation.reopened')
                           OR event ->> 'reading' NOT IN
                                  ('not_improved', 'too_early', 'not_applicable'))
                    ORDER BY step DESC LIMIT 1) AS evidence
      FROM one
), due AS (
    SELECT *, CASE
        WHEN time_limit = 'immediate' THEN issued_latest
        WHEN time_limit LIKE 'months:%%' THEN
            (issued_latest + make_interval(months => substr(time_limit, 8)::integer))::date
        WHEN time_limit LIKE 'date:%%' THEN substr(time_limit, 6)::date END AS due
      FROM weighed
)
SELECT count(*) AS total,
       count(*) FILTER (WHERE NOT closed) AS open,
       count(*) FILTER (WHERE kind = 'recommendation') AS recommendations,
       count(*) FILTER (WHERE kind = 'cause_of_concern') AS causes_of_concern,
       count(*) FILTER (WHERE NOT closed AND last_move = 'recommendation.issued') AS issued,
       count(*) FILTER (WHERE NOT closed AND last_move = 'recommendation.action_plan_received')
           AS plan_received,
       count(*) FILTER (WHERE NOT closed AND last_move = 'recommendation.action_plan_reviewed')
           AS plan_reviewed,
       count(*) FILTER (WHERE NOT closed AND last_move = 'recommendation.follow_up_assigned')
           AS follow_up_assigned,
       count(*) FILTER (WHERE NOT closed AND last_move = 'recommendation.follow_up_reported')
           AS followed_up,
       count(*) FILTER (WHERE closed) AS closed,
       count(*) FILTER (WHERE closed AND closed_reason = 'verified') AS verified,
       count(*) FILTER (WHERE closed AND closed_reason = 'withdrawn') AS withdrawn,
       count(*) FILTER (WHERE changes > 0) AS time_limit_changed,
       count(*) FILTER (WHERE reopenings > 0) AS reopened,
       count(*) FILTER (WHERE closed AND closed_reason = 'verified' AND evidence IS NOT true)
           AS closed_without_evidence,
       count(*) FILTER (WHERE claimed) AS claimed,
       count(*) FILTER (WHERE assurance = 'assured') AS assured,
       count(*) FILTER (WHERE assurance = 'partly_assured') AS partly_assured,
       count(*) FILTER (WHERE NOT closed AND NOT claimed AND due < %(on)s) AS overdue,
       count(*) FILTER (WHERE NOT closed AND plan_on IS NULL AND NOT waived
                          AND %(force)s <> 'national' AND issued_latest + 42 < %(on)s)
           AS plan_overdue,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY plan_on::date - issued_on::date)
           FILTER (WHERE length(plan_on) = 10 AND length(issued_on) = 10) AS median_to_plan,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY closed_on::date - issued_on::date)
           FILTER (WHERE closed AND length(closed_on) = 10 AND length(issued_on) = 10)
           AS median_to_close
  FROM due
