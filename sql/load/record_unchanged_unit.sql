-- What failed of a unit is over: it was read again, and is as it was loaded. Its failures stay as rows without rows, one microsecond
-- later: what stands of the unit is what is loaded, whose row is left alone, and whatever happened to it meanwhile is the newest.
INSERT INTO etl.units
(
    source, unit, version, status, run_id, load_id, delivered_at, window_to,
    mapping, rows_read, rows_malformed, rows_unrouted, bytes_read, seconds, error, updated_at
)
SELECT
    source, unit, version, 'over', run_id, load_id, delivered_at, window_to,
    mapping, 0, 0, 0, bytes_read, seconds, error, updated_at + INTERVAL 1 MICROSECOND
FROM etl.units FINAL
WHERE source = {source:String} AND unit = {unit:String} AND status = 'failed';
