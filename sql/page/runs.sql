-- The newest runs that had something to do or went wrong, and the newest run of each job: a job of every five minutes would
-- hide all others. Or one run.
SELECT
    run_id, toString(job) AS job, started_at, finished_at, toString(status) AS status,
    units_listed, units_loaded, units_failed, rows_read, rows_loaded, rows_rejected, bytes_read,
    substringUTF8(error, 1, 4000) AS error
FROM etl.runs FINAL
WHERE run_id = {run:String}
    OR ({run:String} = '' AND (status != 'done' OR units_loaded > 0 OR run_id IN (SELECT argMax(run_id, started_at) FROM etl.runs GROUP BY job)))
ORDER BY started_at DESC, run_id DESC
LIMIT {limit:UInt32};
