-- The row of a run, as it stands now.
INSERT INTO etl.runs
SELECT {run:String}, {job:String}, {started:DateTime64(6, 'UTC')}, {finished:Nullable(DateTime64(6, 'UTC'))}, {status:String},
    {units_listed:UInt64}, {units_loaded:UInt64}, {units_failed:UInt64}, {rows_read:UInt64}, {rows_loaded:UInt64}, {rows_rejected:UInt64}, {bytes:UInt64},
    {error:String}, {host:String}, {pid:UInt32}, now64(6);
