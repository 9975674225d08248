-- How long the runs of each job took.
SELECT started_at AS time, job, assumeNotNull(r.seconds) AS seconds
FROM kpi.runs AS r
WHERE $__timeFilter(started_at) AND r.seconds IS NOT NULL
ORDER BY time
