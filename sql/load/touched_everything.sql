-- Another reporting zone or currency, or another definition: every month of events, with nothing of earlier editions.
INSERT INTO etl.touched_months (month, source, unit, version, settled, touched_at)
WITH (SELECT timezone FROM kpi_core.settings) AS zone
SELECT DISTINCT makeDate32(toYear(day), toMonth(day), 1) AS month, '', 'everything', '', 0, now64(6)
FROM
(
    SELECT toDate32(toTimeZone(awarded_at, zone)) AS day FROM warehouse.awards
    UNION ALL
    SELECT toDate32(toTimeZone(redeemed_at, zone)) FROM warehouse.redemptions
    UNION ALL
    SELECT toDate32(toTimeZone(started_at, zone)) FROM warehouse.portal_sessions
    UNION ALL
    SELECT toDate32(toTimeZone(occurred_at, zone)) FROM warehouse.portal_events
    UNION ALL
    SELECT toDate32('1900-01-01')
);
