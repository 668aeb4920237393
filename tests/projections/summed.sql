-- The counts of all forces but training, by summing every difference.
WITH sums AS (
    SELECT measure, value, sum(delta) AS count
      FROM difference
     WHERE force <> 'training' AND day <= %(on)s AND known_from <= %(known_at)s
     GROUP BY measure, value HAVING sum(delta) <> 0
)
SELECT coalesce(sum(count) FILTER (WHERE measure LIKE 'kind:%%'), 0) AS total,
       coalesce(sum(count) FILTER (WHERE measure = 'stage:closed'), 0) AS closed,
       coalesce(sum(count) FILTER (WHERE measure = 'overdue'), 0) AS overdue,
       coalesce(sum(count) FILTER (WHERE measure = 'plan_overdue'), 0) AS plan_overdue,
       (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY value)
          FROM sums s, generate_series(1, s.count) WHERE measure = 'days_to_plan')
           AS median_to_plan,
       (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY value)
          FROM sums s, generate_series(1, s.count) WHERE measure = 'days_to_close')
           AS median_to_close
  FROM sums
