-- What the edition contains is settled, if its unit is in the ledger: a unit that is not will be loaded again and may move
-- rows again. One microsecond later than the touch, so that a touch in the meantime stays open.
INSERT INTO etl.touched_months
SELECT t.month, t.source, t.unit, t.version, 1 AS settled, t.touched_at + INTERVAL 1 MICROSECOND AS touched_at
FROM
(
    SELECT *
    FROM etl.touched_months FINAL
    WHERE settled = 0 AND touched_at <= {before:DateTime64(6, 'UTC')}
) AS t
LEFT JOIN
(
    SELECT source, unit, version, 1 AS is_loaded
    FROM etl.units FINAL
    WHERE status = 'loaded' AND updated_at <= {before:DateTime64(6, 'UTC')}
) AS u ON t.source = u.source AND t.unit = u.unit AND t.version = u.version
WHERE u.is_loaded = 1 OR t.source = '';
