-- Runs that began within a day, by job and how they stand.
SELECT 'runs_last_day' AS metric, [toString(job), toString(status)] AS labels, toFloat64(count()) AS value
FROM etl.runs FINAL
WHERE started_at > now64(6, 'UTC') - INTERVAL 1 DAY
GROUP BY job, status
ORDER BY job, status
LIMIT 500;
