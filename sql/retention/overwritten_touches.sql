-- Months that loads touched, as they were written down before they were settled: they go before the rows that settled them,
-- since the other way round they would be open again.
SELECT source, unit, version, month, load_id, settled, touched_at
FROM etl.touched_months
WHERE settled = 0 AND (source, unit, version, month, load_id) IN
(
    SELECT source, unit, version, month, load_id
    FROM etl.touched_months FINAL
    WHERE settled = 1 AND source != '' AND touched_at < {before:DateTime64(6, 'UTC')}
);
