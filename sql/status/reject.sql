-- Rejects whose id begins with a text, with what the ledger says of their unit.
SELECT
    r.id AS id, r.source AS source, r.unit AS unit, r.entity AS entity, r.position AS position, r.column AS column, r.rule AS rule, r.reason AS reason,
    r.raw AS raw, r.run_id AS run_id, r.recorded_at AS recorded_at, r.mapping AS mapping, u.newest.1 AS version, u.newest.2 AS status
FROM etl.standing_rejects AS r
LEFT JOIN
(
    SELECT source, unit, argMax((version, status), updated_at) AS newest
    FROM etl.units FINAL
    WHERE status = 'loaded' OR rows_read > 0
    GROUP BY source, unit
) AS u ON r.source = u.source AND r.unit = u.unit
WHERE startsWith(r.id, {id:String})
ORDER BY r.source, r.unit, r.position, r.mapping
LIMIT 20;
