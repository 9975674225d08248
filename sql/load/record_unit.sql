-- The ledger's row of a unit: the last step of loading it.
INSERT INTO etl.units
(
    source, unit, version, status, run_id, load_id, delivered_at, window_to,
    mapping, rows_read, rows_malformed, rows_unrouted, bytes_read, seconds, error, updated_at
)
SELECT {source:String}, {unit:String}, {version:String}, {status:String}, {run:String}, {load:String}, {delivered:DateTime64(6, 'UTC')}, {window_to:Nullable(DateTime64(6, 'UTC'))},
    {mapping:String}, {rows:UInt64}, {malformed:UInt64}, {unrouted:UInt64}, {bytes:UInt64}, {seconds:Float64}, {error:String}, now64(6);
