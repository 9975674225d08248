-- Units whose newest load has rejects that stand, and what the ledger says of them.
SELECT
    toString(u.source) AS source, u.unit AS unit, u.newest.1 AS version, u.newest.2 AS status, u.newest.3 AS run_id, u.newest.4 AS load_id,
    u.newest.5 AS delivered_at, u.newest.6 AS rows_unrouted, r.rejects AS rejects
FROM
(
    SELECT source, unit, argMax((version, toString(status), run_id, load_id, delivered_at, rows_unrouted), updated_at) AS newest
    FROM etl.units FINAL
    WHERE status = 'loaded' OR rows_read > 0
    GROUP BY source, unit
) AS u
INNER JOIN
(
    SELECT source, unit, load_id, count() AS rejects
    FROM etl.rejects FINAL
    GROUP BY source, unit, load_id
) AS r ON u.source = r.source AND u.unit = r.unit AND u.newest.4 = r.load_id
WHERE ({source:String} = '' OR source = {source:String}) AND ({unit:String} = '' OR unit = {unit:String})
ORDER BY delivered_at, source, unit;
