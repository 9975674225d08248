-- Months that loads touched and that were computed since. One that is open stays, however old.
SELECT source, unit, version, month, load_id, settled, touched_at
FROM etl.touched_months
WHERE settled = 1 AND source != '' AND touched_at < {before:DateTime64(6, 'UTC')};
