-- Events in force: awards, redemptions, sessions and page views. Entries without a rate count nowhere and have rated = 0.
CREATE OR REPLACE VIEW kpi_core.check_event AS
WITH assumeNotNull((SELECT timezone FROM kpi_core.settings)) AS zone
SELECT
    entity,
    program_id,
    event_id,
    org_id,
    happened_at,
    toDate32(toTimeZone(happened_at, zone)) AS day,
    makeDate32(toYear(day), toMonth(day), 1) AS month,
    rated,
    source,
    unit,
    run_id,
    source_row
FROM
(
    SELECT entity, program_id, event_id, org_id, happened_at, rated, source, unit, run_id, source_row
    FROM kpi_core.check_entry
    UNION ALL
    SELECT 'portal_sessions' AS entity, program_id, session_id AS event_id, org_id, started_at AS happened_at, 1 AS rated, source, unit, run_id, source_row
    FROM warehouse.portal_sessions FINAL
    UNION ALL
    SELECT 'portal_events' AS entity, program_id, event_id, '' AS org_id, occurred_at AS happened_at, 1 AS rated, source, unit, run_id, source_row
    FROM warehouse.portal_events FINAL
);
