-- The ledger's row of a unit: the last step of loading it.
INSERT INTO etl.units
SELECT {source:String}, {unit:String}, {version:String}, {status:String}, {run:String}, {load:String}, {delivered:DateTime64(6, 'UTC')}, {window_to:Nullable(DateTime64(6, 'UTC'))},
    {mapping:String}, {rows:UInt64}, {malformed:UInt64}, {bytes:UInt64}, {seconds:Float64}, {error:String}, now64(6);
