-- What became of the rows of each run.
SELECT started_at AS time, rows_loaded, rows_rejected
FROM kpi.runs
WHERE $__timeFilter(started_at)
ORDER BY time
