-- Months of the reporting zone in which any version of an event stands, in force or not.
CREATE OR REPLACE VIEW kpi_core.event_month AS
WITH (SELECT timezone FROM kpi_core.settings) AS zone
SELECT DISTINCT makeDate32(toYear(day), toMonth(day), 1) AS month
FROM
(
    SELECT toDate32(toTimeZone(awarded_at, zone)) AS day FROM warehouse.awards
    UNION ALL
    SELECT toDate32(toTimeZone(redeemed_at, zone)) FROM warehouse.redemptions
    UNION ALL
    SELECT toDate32(toTimeZone(started_at, zone)) FROM warehouse.portal_sessions
    UNION ALL
    SELECT toDate32(toTimeZone(occurred_at, zone)) FROM warehouse.portal_events
);
