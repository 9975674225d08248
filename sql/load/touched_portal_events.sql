-- Months that the staged page views touch. A page view can join, cut or lengthen a session of its visitor (the old one
-- too, if it moves): it touches the months over which page views with gaps under 30 minutes reach from it. All versions
-- of all page views are taken, so that they reach as far as any session did before or will after.
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
    ),
    seen AS
    (
        SELECT program_id, visitor_id, if(visitor_id = '', member_id, '') AS member_key, occurred_at, 1 AS is_touched
        FROM etl.{stage:Identifier}
        UNION ALL
        SELECT
            program_id, visitor_id, if(visitor_id = '', member_id, '') AS member_key, occurred_at,
            -- The shards of a cluster do not have the stage; in conditions, the setting prefer_global_in_and_join says so.
            (program_id, event_id) GLOBAL IN (SELECT program_id, event_id FROM etl.{stage:Identifier}) AS is_touched
        FROM warehouse.portal_events
        WHERE (program_id, visitor_id, if(visitor_id = '', member_id, '')) IN (SELECT program_id, visitor_id, member_key FROM touched)
    ),
    chain AS
    (
        SELECT min(occurred_at) AS first_at, max(occurred_at) AS last_at
        FROM
        (
            SELECT *, sum(begins) OVER (PARTITION BY program_id, visitor_id, member_key ORDER BY occurred_at ROWS UNBOUNDED PRECEDING) AS number
            FROM
            (
                SELECT *, occurred_at >= lagInFrame(occurred_at, 1, toDateTime64('1900-01-01 00:00:00', 6, 'UTC')) OVER visits + INTERVAL 30 MINUTE AS begins
                FROM seen
                WINDOW visits AS (PARTITION BY program_id, visitor_id, member_key ORDER BY occurred_at ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
            )
        )
        GROUP BY program_id, visitor_id, member_key, number
        HAVING max(is_touched) = 1
    )
SELECT DISTINCT
    addMonths(
        makeDate32(toYear(toTimeZone(first_at, zone)), toMonth(toTimeZone(first_at, zone)), 1),
        arrayJoin(range(toUInt64(dateDiff('month', toTimeZone(first_at, zone), toTimeZone(last_at, zone)) + 1)))) AS month
FROM chain;
