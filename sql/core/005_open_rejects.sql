-- Rejects that stand: those of the attempt that the ledger names for the unit's newest version. An attempt that could read
-- no row has none, and does not hide those of the load before it.
CREATE OR REPLACE VIEW etl.open_rejects AS
SELECT
    r.source AS source,
    r.unit AS unit,
    r.run_id AS run_id,
    r.load_id AS load_id,
    r.entity AS entity,
    r.mapping AS mapping,
    r.position AS position,
    r.column AS column,
    r.rule AS rule,
    r.reason AS reason,
    r.raw AS raw,
    r.recorded_at AS recorded_at
FROM etl.rejects AS r FINAL
WHERE (r.source, r.unit, r.load_id) IN
(
    SELECT source, unit, argMax(load_id, updated_at)
    FROM etl.units FINAL
    WHERE status = 'loaded' OR rows_read > 0
    GROUP BY source, unit
);
