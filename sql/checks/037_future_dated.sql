-- Events that are later than the load that brought them.
CREATE OR REPLACE VIEW kpi.future_dated
(
    month       Date32 COMMENT 'Month of the event, in the reporting zone',
    entity      String COMMENT 'awards, redemptions, portal_sessions or portal_events',
    program_id  String COMMENT 'Programme of the event',
    event_id    String COMMENT 'Key of the event within the programme',
    happened_at DateTime64(6, 'UTC') COMMENT 'Time of the event',
    loaded_at   DateTime64(6, 'UTC') COMMENT 'When it was loaded',
    source      String COMMENT 'Source of the event',
    unit        String COMMENT 'File, object or window',
    source_row  UInt64 COMMENT 'Place of the row in its unit, from 1'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
WITH
    -- A later load of the same version of a unit takes the place of the earlier one in the ledger. What that one left behind
    -- in the facts is judged by the end of its run, or by its start, if it has no end.
    loads AS
    (
        SELECT source, unit, run_id, max(updated_at) AS loaded_at
        FROM etl.units FINAL
        GROUP BY source, unit, run_id
    ),
    runs AS
    (
        SELECT run_id, ifNull(finished_at, started_at) AS ended_at
        FROM etl.runs FINAL
    )
SELECT
    e.month AS month,
    e.entity AS entity,
    e.program_id AS program_id,
    e.event_id AS event_id,
    e.happened_at AS happened_at,
    multiIf(l.run_id != '', l.loaded_at, r.run_id != '', r.ended_at, now64(6, 'UTC')) AS loaded_at,
    e.source AS source,
    e.unit AS unit,
    e.source_row AS source_row
FROM kpi_core.check_event AS e
LEFT JOIN loads AS l ON e.source = l.source AND e.unit = l.unit AND e.run_id = l.run_id
LEFT JOIN runs AS r ON e.run_id = r.run_id
WHERE happened_at > loaded_at
ORDER BY month, entity, program_id, event_id
COMMENT 'Check future_dated: events that are later than their load';
