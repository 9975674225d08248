-- What a run read of a source.
INSERT INTO etl.source_runs (source, job, run_id, is_usual, units_loaded, rows_read, updated_at)
SELECT {source:String}, {job:String}, {run:String}, {usual:UInt8}, {units:UInt64}, {rows:UInt64}, now64(6);
