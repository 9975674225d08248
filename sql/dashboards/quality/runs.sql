-- The newest runs: how each ended, how long it took and what became of its rows.
SELECT run_id, job, started_at, status, seconds, units_listed, units_loaded, units_failed, rows_read, rows_loaded, rows_rejected, bytes_read
FROM kpi.runs
ORDER BY started_at DESC
LIMIT 200
