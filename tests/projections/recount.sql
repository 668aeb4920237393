-- The counts of one force, told anew from the raw entries: another way to the same numbers.
WITH known AS (
    SELECT stream, step, tag, entry -> 'event' AS event, entry ->> 'on' AS written_on,
           entry ->> 'role' AS role,
           ((entry ->> 'at')::timestamptz AT TIME ZONE 'Europe/London')::date AS recorded
      FROM ledger
     WHERE (entry ->> 'at')::timestamptz <= %(known_at)s AND tag LIKE 'recommendation.%%'
), withdrawn AS (
    SELECT stream, step, (json_array_elements_text(event -> 'steps'))::bigint AS gone
      FROM known WHERE tag = 'recommendation.steps_withdrawn'
), mended AS (
    SELECT DISTINCT ON (stream, event ->> 'step', event ->> 'field')
           stream, (event ->> 'step')::bigint AS step, event ->> 'field' AS field,
           event ->> 'now' AS now
      FROM known WHERE tag = 'recommendation.corrected'
     ORDER BY stream, event ->> 'step', event ->> 'field', known.step DESC
), dated AS (
    SELECT k.*, coalesce((SELECT m.now FROM mended m WHERE m.stream = k.stream
                             AND m.step = k.step AND m.field = 'on'), k.written_on) AS took_effect
      FROM known k
     WHERE NOT EXISTS (SELECT FROM withdrawn w WHERE (w.stream, w.gone) = (k.stream, k.step))
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
     WHERE tag NOT IN ('recommendation.corrected', 'recommendation.note_redacted',
                       'recommendation.redaction_requested', 'recommendation.redaction_approved',
                       'recommendation.suppression_requested', 'recommendation.suppression_approved',
                       'recommendation.withdrawal_requested', 'recommendation.steps_withdrawn')
), tracks (tag, track) AS (VALUES
    ('action_plan_received', 'plan'), ('action_plan_reviewed', 'plan'),
    ('action_plan_waived', 'plan'),
    ('section_55_responded', 'body'), ('assurance_recorded', 'body'),
    ('owner_named', 'force'), ('update_received', 'force'), ('progress_reported', 'force'),
    ('completion_claimed', 'force'), ('claim_returned', 'force'),
    ('action_plan_reviewed', 'inspectorate'), ('action_plan_waived', 'inspectorate'),
    ('claim_returned', 'inspectorate'), ('follow_up_assigned', 'inspectorate'),
    ('follow_up_changed', 'inspectorate'), ('follow_up_reported', 'inspectorate'),
    ('taken_over', 'inspectorate'), ('closure_proposed', 'inspectorate'), ('closure_declined', 'inspectorate'),
    ('closed', 'inspectorate'), ('reopened', 'inspectorate'),
    ('decision_confirmed', 'inspectorate'), ('time_limit_changed', 'inspectorate'),
    ('issued', 'plan'), ('issued', 'body'), ('issued', 'force'), ('issued', 'inspectorate')
), tracked AS (
    SELECT r.*, t.track FROM ranged r JOIN tracks t ON r.tag = 'recommendation.' || t.tag
    UNION ALL
    SELECT r.*, 'start' FROM ranged r
), floored AS (
    SELECT *, max(first_day) FILTER (WHERE track <> 'start' OR tag = 'recommendation.issued')
               OVER (PARTITION BY stream, track ORDER BY step) AS floor
      FROM tracked
), own AS (
    SELECT stream, step, greatest(max(floor), least(max(last_day), max(recorded))) AS day
      FROM floored GROUP BY stream, step
), bound1 AS (
    SELECT stream, step, min(day) AS day FROM (
        SELECT f.stream, f.step, CASE WHEN f.track <> 'start' OR f.tag = 'recommendation.issued'
               THEN min(o.day) OVER (PARTITION BY f.stream, f.track ORDER BY f.step
                    ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) ELSE o.day END AS day
          FROM floored f JOIN own o USING (stream, step)) b GROUP BY stream, step
), bound2 AS (
    SELECT stream, step, min(day) AS day FROM (
        SELECT f.stream, f.step, CASE WHEN f.track <> 'start' OR f.tag = 'recommendation.issued'
               THEN min(o.day) OVER (PARTITION BY f.stream, f.track ORDER BY f.step
                    ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) ELSE o.day END AS day
          FROM floored f JOIN bound1 o USING (stream, step)) b GROUP BY stream, step
), settled AS (
    -- Three hops: a bound passes from track to track, and there are four of them.
    SELECT stream, step, min(day) AS day FROM (
        SELECT f.stream, f.step, CASE WHEN f.track <> 'start' OR f.tag = 'recommendation.issued'
               THEN min(o.day) OVER (PARTITION BY f.stream, f.track ORDER BY f.step
                    ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) ELSE o.day END AS day
          FROM floored f JOIN bound2 o USING (stream, step)) b GROUP BY stream, step
), kept AS (
    SELECT r.*, s.day, row_number() OVER (PARTITION BY r.stream ORDER BY s.day, r.step) AS place,
           i.event ->> 'addressee' AS force, i.role = 'importer' AS imported,
           r.step > 1 AND r.role IN ('inspector', 'force') AND r.tag NOT IN (
            'recommendation.progress_reported', 'recommendation.commented',
            'recommendation.outcome_noted', 'recommendation.milestone_noted',
            'recommendation.disputed', 'recommendation.dispute_replied',
            'recommendation.words_proposed', 'recommendation.words_agreed',
            'recommendation.dispute_settled', 'recommendation.dispute_withdrawn',
            'recommendation.question_asked', 'recommendation.question_answered') AS takes_over
      FROM ranged r JOIN settled s USING (stream, step)
      JOIN known i ON i.stream = r.stream AND i.step = 1
     WHERE s.day <= %(on)s AND i.event ->> 'addressee' = %(force)s
       AND EXISTS (SELECT FROM ranged f WHERE f.stream = r.stream AND f.step = 1)
), judged AS (
    SELECT c.took_effect AS claimed_on, j.judgement, j.judged_on
      FROM kept c LEFT JOIN LATERAL (
           SELECT took_effect AS judged_on,
                  CASE WHEN tag = 'recommendation.claim_returned' THEN 'returned'
                       WHEN tag = 'recommendation.closed' OR event ->> 'standing' = 'closed' THEN
                           CASE event ->> 'reason' WHEN 'verified' THEN 'verified'
                                ELSE 'closed_otherwise' END
                       ELSE event ->> 'finding' END AS judgement
             FROM kept k
            WHERE k.stream = c.stream AND k.place > c.place
              AND (tag IN ('recommendation.claim_returned', 'recommendation.closed')
                   OR event ->> 'standing' = 'closed'
                   OR event ->> 'finding' IN ('met', 'partly_met', 'not_met'))
            ORDER BY place LIMIT 1) j ON true
     WHERE c.tag = 'recommendation.completion_claimed'
), one AS (
    SELECT stream, bool_or(imported) AS imported,
        (array_agg(event ->> 'report') FILTER (WHERE step = 1))[1] AS report,
        (SELECT coalesce((SELECT m.now FROM mended m
                           WHERE m.stream = k.stream AND m.step = 1 AND m.field = 'kind'),
                         min(event ->> 'kind') FILTER (WHERE step = 1))) AS kind,
        min(took_effect) FILTER (WHERE step = 1) AS issued_on,
        min(last_day) FILTER (WHERE step = 1) AS issued_latest,
        (array_agg(CASE tag WHEN 'recommendation.taken_over' THEN event ->> 'standing'
                            ELSE substr(tag, 16) END ORDER BY place DESC) FILTER (WHERE tag IN (
            'recommendation.issued', 'recommendation.action_plan_received',
            'recommendation.action_plan_reviewed', 'recommendation.follow_up_assigned',
            'recommendation.follow_up_reported', 'recommendation.taken_over')))[1] AS last_move,
        coalesce((array_agg(CASE tag WHEN 'recommendation.taken_over' THEN event ->> 'standing'
                                     ELSE substr(tag, 16) END ORDER BY place DESC)
            FILTER (WHERE tag IN ('recommendation.closed', 'recommendation.reopened')
                       OR event ->> 'standing' = 'closed'))[1] = 'closed', false) AS closed,
        (array_agg(event ->> 'reason' ORDER BY place DESC) FILTER (
            WHERE tag = 'recommendation.closed' OR event ->> 'standing' = 'closed'))[1]
            AS closed_reason,
        (array_agg(took_effect ORDER BY place DESC) FILTER (
            WHERE tag = 'recommendation.closed' OR event ->> 'standing' = 'closed'))[1]
            AS closed_on,
        coalesce((array_agg(tag ORDER BY place DESC) FILTER (WHERE tag IN (
            'recommendation.completion_claimed', 'recommendation.claim_returned',
            'recommendation.closed') OR event ->> 'standing' = 'closed'))[1]
            = 'recommendation.completion_claimed', false) AS claimed,
        (array_agg(event ->> 'level' ORDER BY place DESC)
            FILTER (WHERE tag = 'recommendation.assurance_recorded'))[1] AS assurance,
        (array_agg(event ->> 'finding' ORDER BY place DESC) FILTER (
            WHERE tag = 'recommendation.follow_up_reported'
               OR event ->> 'standing' = 'followed_up'))[1] AS finding,
        count(*) FILTER (WHERE tag = 'recommendation.time_limit_changed') AS changes,
        count(*) FILTER (WHERE tag = 'recommendation.reopened') AS reopenings,
        max(place) FILTER (WHERE tag = 'recommendation.closed') AS closing,
        (array_agg(took_effect ORDER BY place)
            FILTER (WHERE tag = 'recommendation.action_plan_received'))[1] AS plan_on,
        coalesce((array_agg(CASE tag WHEN 'recommendation.taken_over' THEN event ->> 'standing'
                                     ELSE 'plan_waived' END ORDER BY place DESC)
            FILTER (WHERE tag = 'recommendation.action_plan_waived'
                       OR event ->> 'standing' LIKE 'plan_%%'))[1], 'none') AS plan_told,
        bool_or(tag = 'recommendation.action_plan_waived') AS waived,
        bool_or(takes_over) AS taken_over,
        (array_agg(coalesce(first_day, '-infinity') ORDER BY place) FILTER (WHERE takes_over))[1]
            AS taken_from,
        count(*) FILTER (WHERE tag = 'recommendation.section_55_responded') AS responses,
        (array_agg(CASE tag WHEN 'recommendation.issued' THEN
                coalesce((SELECT m.now FROM mended m WHERE m.stream = k.stream AND m.step = 1
                             AND m.field = 'time_limit'), event ->> 'time_limit')
                ELSE event ->> 'now' END ORDER BY place DESC)
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
                    WHERE k.stream = one.stream AND k.place < one.closing
                      AND (tag IN ('recommendation.completion_claimed',
                                   'recommendation.assurance_recorded',
                                   'recommendation.follow_up_reported', 'recommendation.taken_over',
                                   'recommendation.claim_returned', 'recommendation.reopened')
                           OR event ->> 'reading' NOT IN
                                  ('not_improved', 'too_early', 'not_applicable'))
                    ORDER BY place DESC LIMIT 1) AS evidence,
           (SELECT tag = 'recommendation.taken_over' FROM kept k
             WHERE k.stream = one.stream AND (tag = 'recommendation.closed'
                   OR event ->> 'standing' = 'closed') ORDER BY place DESC LIMIT 1) AS found_closed,
           (SELECT count(*) FROM withdrawn w WHERE w.stream = one.stream
               AND (SELECT max(s.day) FROM settled s
                     WHERE s.stream = w.stream AND s.step < w.step) <= %(on)s) AS withdrawals
      FROM one
), staged AS (
    SELECT *, CASE
        WHEN closed THEN 'closed'
        WHEN last_move = 'issued' THEN
            CASE WHEN imported AND NOT waived THEN 'not_known' ELSE 'issued' END
        WHEN last_move IN ('plan_awaited', 'plan_waived') THEN 'issued'
        WHEN last_move IN ('plan_received', 'action_plan_received') THEN 'plan_received'
        WHEN last_move IN ('plan_accepted', 'action_plan_reviewed') THEN 'plan_reviewed'
        WHEN last_move = 'follow_up_assigned' THEN 'follow_up_assigned'
        WHEN last_move IN ('followed_up', 'follow_up_reported') THEN 'followed_up'
        WHEN last_move = 'closed' THEN
            CASE WHEN waived THEN 'issued' ELSE 'not_known' END END AS stage
      FROM weighed
), due AS (
    SELECT *, CASE
        WHEN time_limit LIKE 'months:%%' THEN
            (issued_latest + make_interval(months => substr(time_limit, 8)::integer))::date
        WHEN time_limit LIKE 'date:%%' THEN substr(time_limit, 6)::date END AS due,
        NOT imported OR taken_over AS watched
      FROM staged
), aged AS (
    SELECT *,
           NOT closed AND NOT claimed AND watched AND due < %(on)s AS limit_passed,
           stage NOT IN ('closed', 'not_known') AND plan_on IS NULL AND time_limit <> 'immediate'
               AND CASE WHEN imported THEN plan_told = 'plan_awaited' ELSE NOT waived END
               AND %(force)s <> 'national' AND issued_latest + 42 < %(on)s AS plan_passed,
           %(force)s <> 'national' AND responses = 0 AND issued_latest >= '2017-01-31'
               AND issued_latest + 55 < %(on)s
               AND (NOT imported OR taken_from <= issued_latest + 55) AS comments_passed,
           CASE WHEN closed AND closed_reason = 'verified' AND length(closed_on) = 10
                     AND length(issued_on) = 10
                THEN age(closed_on::date, issued_on::date) END AS done_after,
           -- The whole months since the first and since the last day that it can be of.
           CASE WHEN stage NOT IN ('closed', 'not_known') AND issued_on <> 'unknown' THEN
               extract(year FROM age(%(on)s::date, rpad(issued_on, 10, '-01-01')::date)) * 12
               + extract(month FROM age(%(on)s::date, rpad(issued_on, 10, '-01-01')::date))
               END AS first_months,
           CASE WHEN stage NOT IN ('closed', 'not_known') AND issued_on <> 'unknown' THEN
               extract(year FROM age(%(on)s::date, issued_latest)) * 12
               + extract(month FROM age(%(on)s::date, issued_latest)) END AS last_months
      FROM due
)
SELECT count(*) AS total,
       count(*) FILTER (WHERE stage NOT IN ('closed', 'not_known')) AS open,
       count(*) FILTER (WHERE NOT closed AND watched AND due IS NOT NULL) AS limited,
       count(*) FILTER (WHERE kind = 'recommendation') AS recommendations,
       count(*) FILTER (WHERE kind = 'cause_of_concern') AS causes_of_concern,
       count(*) FILTER (WHERE stage = 'not_known') AS not_known,
       count(*) FILTER (WHERE stage = 'issued') AS issued,
       count(*) FILTER (WHERE stage = 'plan_received') AS plan_received,
       count(*) FILTER (WHERE stage = 'plan_reviewed') AS plan_reviewed,
       count(*) FILTER (WHERE stage = 'follow_up_assigned') AS follow_up_assigned,
       count(*) FILTER (WHERE stage = 'followed_up') AS followed_up,
       count(*) FILTER (WHERE closed) AS closed,
       count(*) FILTER (WHERE closed AND closed_reason = 'verified') AS verified,
       count(*) FILTER (WHERE closed AND closed_reason = 'withdrawn') AS closed_as_withdrawn,
       count(*) FILTER (WHERE changes > 0) AS time_limit_changed,
       count(*) FILTER (WHERE reopenings > 0) AS reopened,
       count(*) FILTER (WHERE withdrawals > 0) AS withdrawn,
       count(*) FILTER (WHERE closed AND closed_reason = 'verified' AND NOT found_closed
                          AND evidence IS NOT true) AS closed_without_evidence,
       count(*) FILTER (WHERE finding = 'met') AS met,
       count(*) FILTER (WHERE finding = 'partly_met') AS partly_met,
       count(*) FILTER (WHERE finding IS NULL) AS no_finding,
       count(*) FILTER (WHERE claimed) AS claimed,
       count(*) FILTER (WHERE assurance = 'assured') AS assured,
       count(*) FILTER (WHERE assurance = 'partly_assured') AS partly_assured,
       count(*) FILTER (WHERE limit_passed) AS overdue,
       count(*) FILTER (WHERE plan_passed) AS plan_overdue,
       (SELECT coalesce(json_agg(l ORDER BY clock), '[]') FROM (
            SELECT clock, owed_by, count(*) AS many, min(last_day) AS due
              FROM aged CROSS JOIN LATERAL (VALUES
                   ('action_plan', 'force', plan_passed, issued_latest + 42),
                   ('section_55', 'local_policing_body', comments_passed, issued_latest + 55),
                   ('time_limit', 'force', limit_passed, due)) c (clock, owed_by, passed, last_day)
             WHERE passed GROUP BY clock, owed_by) l) AS late,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY plan_on::date - issued_on::date)
           FILTER (WHERE length(plan_on) = 10 AND length(issued_on) = 10) AS median_to_plan,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY closed_on::date - issued_on::date)
           FILTER (WHERE closed AND length(closed_on) = 10 AND length(issued_on) = 10)
           AS median_to_close,
       (SELECT json_build_object(
            'claims', count(*),
            'waiting', count(*) FILTER (WHERE judgement IS NULL),
            'verified', count(*) FILTER (WHERE judgement = 'verified'),
            'met', count(*) FILTER (WHERE judgement = 'met'),
            'partly_met', count(*) FILTER (WHERE judgement = 'partly_met'),
            'not_met', count(*) FILTER (WHERE judgement = 'not_met'),
            'returned', count(*) FILTER (WHERE judgement = 'returned'),
            'closed_otherwise', count(*) FILTER (WHERE judgement = 'closed_otherwise'),
            'days', percentile_cont(0.5) WITHIN GROUP (ORDER BY judged_on::date - claimed_on::date)
                    FILTER (WHERE length(judged_on) = 10 AND length(claimed_on) = 10))
          FROM judged) AS accuracy,
       json_build_object(
            'issued', count(*),
            'done_in_1', count(*) FILTER (WHERE done_after <= interval '1 year'),
            'done_in_2', count(*) FILTER (WHERE done_after <= interval '2 years'),
            'done_in_4', count(*) FILTER (WHERE done_after <= interval '4 years'),
            'done', count(*) FILTER (WHERE closed AND closed_reason = 'verified'),
            'ended', count(*) FILTER (WHERE closed AND closed_reason <> 'verified'),
            'open', count(*) FILTER (WHERE stage NOT IN ('closed', 'not_known')),
            'not_known', count(*) FILTER (WHERE stage = 'not_known')) AS cohorts,
       json_build_object(
            'open', count(*) FILTER (WHERE stage NOT IN ('closed', 'not_known')),
            'reports', count(DISTINCT report) FILTER (WHERE stage NOT IN ('closed', 'not_known')),
            'not_known', count(*) FILTER (WHERE stage = 'not_known')) AS load,
       json_build_object(
            'under_6_months', count(*) FILTER (WHERE first_months < 6),
            'under_1_year', count(*) FILTER (WHERE last_months >= 6 AND first_months < 12),
            'under_2_years', count(*) FILTER (WHERE last_months >= 12 AND first_months < 24),
            'under_4_years', count(*) FILTER (WHERE last_months >= 24 AND first_months < 48),
            'over_4_years', count(*) FILTER (WHERE last_months >= 48),
            'uncertain', count(*) FILTER (WHERE NOT (stage IN ('closed', 'not_known')
                OR coalesce(first_months < 6 OR last_months >= 48
                            OR (last_months >= 6 AND first_months < 12)
                            OR (last_months >= 12 AND first_months < 24)
                            OR (last_months >= 24 AND first_months < 48), false)))) AS ages
  FROM aged
