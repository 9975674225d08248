-- The newest runs.
SELECT run_id, job, started_at, finished_at, status, units_listed, units_loaded, units_failed, rows_read, rows_loaded, rows_rejected, bytes_read, error
FROM etl.runs FINAL
WHERE {run:String} = '' OR run_id = {run:String}
ORDER BY started_at DESC
LIMIT {limit:UInt32};
