-- Portal sessions in force, with those that page views make: one visitor's page views with gaps under 30 minutes. For the
-- checks alone: it shares no SQL with what they are held against.
CREATE OR REPLACE VIEW kpi_core.check_session AS
WITH assumeNotNull((SELECT timezone FROM kpi_core.settings)) AS zone
SELECT program_id, member_id, org_id, toDate32(toTimeZone(started_at, zone)) AS day
FROM warehouse.portal_sessions FINAL
UNION ALL
SELECT program_id, argMinIf(s.member_id, (occurred_at, event_id), s.member_id != ''), '', toDate32(toTimeZone(min(occurred_at), zone))
FROM
(
    SELECT *, sum(is_first) OVER (PARTITION BY program_id, visitor_id, nobody ORDER BY occurred_at, event_id ROWS UNBOUNDED PRECEDING) AS number
    FROM
    (
        SELECT
            program_id, event_id, visitor_id, member_id, occurred_at,
            if(visitor_id = '', member_id, '') AS nobody,
            row_number() OVER visits = 1 OR dateDiff('microsecond', lagInFrame(occurred_at) OVER visits, occurred_at) >= 1800000000 AS is_first
        FROM warehouse.portal_events FINAL
        WINDOW visits AS (PARTITION BY program_id, visitor_id, if(visitor_id = '', member_id, '') ORDER BY occurred_at, event_id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
    )
) AS s
GROUP BY program_id, visitor_id, nobody, number;
