-- What became of the rows of a load's units, in each mapping: all at once, so that a crash leaves all of it or nothing.
INSERT INTO etl.unit_entities
(
    source, unit, version, run_id, load_id, mapping, entity,
    rows_in, rows_filtered, rows_loaded, rows_superseded, rows_rejected, amount_in, amount_loaded, amount_superseded, updated_at
)
SELECT
    {source:String}, unit, version, {run:String}, {load:String}, mapping, entity,
    rows_in, rows_filtered, rows_loaded, rows_superseded, rows_rejected,
    toDecimal128(amount_in, 4), toDecimal128(amount_loaded, 4), toDecimal128(amount_superseded, 4), now64(6)
FROM given;
