-- What became of a unit's rows after a replay: the account of the load before it, with what the replay changed. Rows that
-- are not rejected any more are filtered, loaded or superseded now. A mapping that is new since the load was given no other
-- row of the unit than those that the replay gave it: it is as though it had left them out.
INSERT INTO etl.replayed
(
    source, unit, version, load_id, mapping, entity, run_id,
    rows_in, rows_filtered, rows_loaded, rows_superseded, rows_rejected, amount_in, amount_loaded, amount_superseded, updated_at
)
WITH
    change AS
    (
        SELECT
            c.1 AS mapping, c.2 AS entity, c.3 AS rows_filtered, c.4 AS rows_loaded, c.5 AS rows_superseded, c.6 AS rows_rejected,
            c.7 AS amount_in, c.8 AS amount_loaded, c.9 AS amount_superseded
        FROM (SELECT arrayJoin({changes:Array(Tuple(UInt16, String, Int64, Int64, Int64, Int64, Decimal(38, 4), Decimal(38, 4), Decimal(38, 4)))}) AS c)
    ),
    base AS
    (
        SELECT mapping, toString(entity) AS entity, rows_in, rows_filtered, rows_loaded, rows_superseded, rows_rejected, amount_in, amount_loaded, amount_superseded
        FROM etl.replayed FINAL
        WHERE source = {source:String} AND unit = {unit:String} AND version = {version:String} AND load_id = {base:String}
        UNION ALL
        SELECT mapping, toString(entity) AS entity, rows_in, rows_filtered, rows_loaded, rows_superseded, rows_rejected, amount_in, amount_loaded, amount_superseded
        FROM etl.unit_entities FINAL
        WHERE source = {source:String} AND unit = {unit:String} AND version = {version:String} AND load_id = {base:String}
    ),
    parts AS
    (
        SELECT
            mapping, entity, rows_in, toInt64(rows_filtered) AS rows_filtered, toInt64(rows_loaded) AS rows_loaded, toInt64(rows_superseded) AS rows_superseded,
            toInt64(rows_rejected) AS rows_rejected, amount_in, amount_loaded, amount_superseded
        FROM base
        UNION ALL
        SELECT mapping, entity, 0, rows_filtered, rows_loaded, rows_superseded, rows_rejected, amount_in, amount_loaded, amount_superseded
        FROM change
        UNION ALL
        SELECT mapping, entity, given, toInt64(given), 0, 0, 0, 0, 0, 0
        FROM (SELECT mapping, entity, (SELECT max(rows_in) FROM base) AS given FROM change WHERE mapping NOT IN (SELECT mapping FROM base))
    )
SELECT
    {source:String}, {unit:String}, {version:String}, {load:String}, mapping, any(entity), {run:String},
    sum(rows_in), sum(rows_filtered), sum(rows_loaded), sum(rows_superseded), sum(rows_rejected),
    sum(amount_in), sum(amount_loaded), sum(amount_superseded), now64(6)
FROM parts
GROUP BY mapping;
