-- The newest verdict of each check, over everything or over a month.
SELECT metric, [check] AS labels, value
FROM
(
    SELECT
        toString(check) AS check,
        [
            toFloat64(indexOf(['pass', 'warn', 'fail'], argMax(verdict, checked_at))) - 1,
            toUnixTimestamp64Milli(max(checked_at)) / 1000
        ] AS figures
    FROM etl.checks
    GROUP BY check
)
ARRAY JOIN ['check_verdict', 'check_timestamp_seconds'] AS metric, figures AS value
ORDER BY metric, check;
