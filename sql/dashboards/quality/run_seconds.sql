-- How long the runs of each job took.
SELECT started_at AS time, job, toFloat64(assumeNotNull(seconds)) AS seconds
FROM kpi.runs
WHERE $__timeFilter(started_at) AND seconds IS NOT NULL
ORDER BY time
