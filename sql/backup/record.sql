-- The row of a backup, as it stands now.
INSERT INTO etl.backups (name, place, base, tables, began_at, finished_at, bytes, updated_at)
SELECT {name:String}, {place:String}, {base:String}, {tables:Array(Tuple(part String, database String, table String))},
    {began:DateTime64(6, 'UTC')}, {finished:Nullable(DateTime64(6, 'UTC'))}, {bytes:UInt64}, now64(6);
