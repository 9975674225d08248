-- Months that the staged page views touch. A page view can join, cut or lengthen any session of its visitor, so it is
-- every month in which that visitor (the old one too, if the event moves) has been seen.
INSERT INTO etl.touched_months
WITH
    (SELECT timezone FROM kpi_core.settings) AS zone,
    touched AS
    (
        SELECT program_id, visitor_id, if(visitor_id = '', member_id, '') AS member_key
        FROM etl.{stage:Identifier}
        UNION DISTINCT
        SELECT program_id, visitor_id, if(visitor_id = '', member_id, '') AS member_key
        FROM warehouse.portal_events
        WHERE (program_id, event_id) IN (SELECT program_id, event_id FROM etl.{stage:Identifier})
    )
SELECT DISTINCT makeDate32(toYear(day), toMonth(day), 1) AS month, {source:String}, {unit:String}, {version:String}, 0, now64(6)
FROM
(
    SELECT toDate32(toTimeZone(occurred_at, zone)) AS day
    FROM etl.{stage:Identifier}
    UNION ALL
    SELECT toDate32(toTimeZone(occurred_at, zone)) AS day
    FROM warehouse.portal_events
    WHERE (program_id, visitor_id, if(visitor_id = '', member_id, '')) IN (SELECT program_id, visitor_id, member_key FROM touched)
);
