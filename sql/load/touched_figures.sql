-- Other thresholds touch no month of events, but all figures that are computed from them.
INSERT INTO etl.touched_months (month, source, unit, version, settled, touched_at)
SELECT toDate32('1900-01-01') AS month, '' AS source, 'figures' AS unit, '' AS version, 0 AS settled, now64(6) AS touched_at;
