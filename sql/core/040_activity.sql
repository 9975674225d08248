-- Everything that anyone did, one row an entry, session or page view, ready to be summed to member x month.
-- A page view counts through its session; on its own it only mentions its member.
CREATE OR REPLACE VIEW kpi_core.activity AS
WITH (SELECT timezone FROM kpi_core.settings) AS zone
SELECT
    makeDate32(toYear(day), toMonth(day), 1) AS month,
    toDate32(toTimeZone(at, zone)) AS day,
    at, program_id, member_id, org_id, kind, amount, sessions, page_views, seconds
FROM
(
    SELECT at, program_id, member_id, org_id, kind, amount_reporting AS amount, 0 AS sessions, 0 AS page_views, toDecimal128(0, 6) AS seconds
    FROM kpi_core.entry
    UNION ALL
    SELECT started_at AS at, program_id, member_id, org_id, 'session' AS kind, toDecimal128(0, 4) AS amount, 1 AS sessions, page_views, CAST(duration_s AS Decimal(38, 6)) AS seconds
    FROM warehouse.portal_sessions FINAL
    UNION ALL
    SELECT started_at AS at, program_id, session_member_id AS member_id, '' AS org_id, 'session' AS kind, toDecimal128(0, 4) AS amount, 1 AS sessions, page_views,
        CAST(dateDiff('microsecond', started_at, ended_at) AS Decimal(38, 6)) / 1000000 AS seconds
    FROM kpi_core.event_session
    UNION ALL
    SELECT occurred_at AS at, program_id, member_id, '' AS org_id, 'page view' AS kind, toDecimal128(0, 4) AS amount, 0 AS sessions, 0 AS page_views, toDecimal128(0, 6) AS seconds
    FROM warehouse.portal_events FINAL
);
