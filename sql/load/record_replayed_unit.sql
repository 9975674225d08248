-- The ledger's row of a unit whose rejects were replayed: the last step. It is the row as it was, one microsecond later, so
-- that whatever was loaded meanwhile stays the newest, and the unit's time stays that of its load. Nothing is written where
-- the ledger does not name the replayed load any more.
INSERT INTO etl.units
(
    source, unit, version, status, run_id, load_id, delivered_at, window_to,
    mapping, rows_read, rows_malformed, rows_unrouted, bytes_read, seconds, error, updated_at
)
SELECT
    source, unit, version, status, run_id, {load:String}, delivered_at, window_to,
    mapping, rows_read, rows_malformed, {unrouted:UInt64}, bytes_read, seconds, error, updated_at + INTERVAL 1 MICROSECOND
FROM etl.units FINAL
WHERE source = {source:String} AND unit = {unit:String} AND version = {version:String} AND status = 'loaded' AND load_id = {base:String};
