-- The ledger's rows of units: the last step of loading them. All come in at once, as one block.
INSERT INTO etl.units
(
    source, unit, version, status, run_id, load_id, delivered_at, window_to,
    mapping, rows_read, rows_malformed, rows_unrouted, bytes_read, seconds, error, updated_at
)
SELECT
    source, unit, version, status, run_id, load_id, fromUnixTimestamp64Micro(delivered_at, 'UTC'), fromUnixTimestamp64Micro(window_to, 'UTC'),
    mapping, rows_read, rows_malformed, rows_unrouted, bytes_read, seconds, error, now64(6)
FROM given;
