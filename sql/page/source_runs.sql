-- What the newest runs read of one source.
SELECT s.run_id AS run_id, toString(s.job) AS job, s.units_loaded AS units_loaded, s.rows_read AS rows_read, s.updated_at AS finished_at
FROM etl.source_runs AS s FINAL
WHERE s.source = {source:String}
ORDER BY s.run_id DESC
LIMIT {limit:UInt32};
