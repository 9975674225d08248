-- What became of a unit's rows, in each mapping: all at once, so that a crash leaves all of it or nothing.
INSERT INTO etl.unit_entities
(
    source, unit, version, run_id, load_id, mapping, entity,
    rows_in, rows_filtered, rows_loaded, rows_superseded, rows_rejected, amount_in, amount_loaded, amount_superseded, updated_at
)
SELECT
    {source:String}, {unit:String}, {version:String}, {run:String}, {load:String}, account.1, account.2,
    account.3, account.4, account.5, account.6, account.7, account.8, account.9, account.10, now64(6)
FROM
(
    SELECT arrayJoin({accounts:Array(Tuple(UInt16, String, UInt64, UInt64, UInt64, UInt64, UInt64, Decimal(38, 4), Decimal(38, 4), Decimal(38, 4)))}) AS account
);
