-- Page views in force of the months, as visits: gaps of 30 minutes and ends of months part them.
INSERT INTO kpi_core.visit (edition, month, program_id, visitor_kind, visitor, member_id, first_at, last_at, page_views, at_edge)
WITH (SELECT timezone FROM kpi_core.settings) AS zone
SELECT
    {edition:UInt64},
    any(m.month),
    program_id,
    visitor_kind,
    visitor,
    argMinIf(m.member_id, (occurred_at, event_id), m.member_id != '') AS first_member,
    min(occurred_at) AS first_at,
    max(occurred_at) AS last_at,
    count(),
    -- A superset of the visits that may go on over the end of the month.
    toDayOfMonth(toTimeZone(first_at, zone)) = 1 OR toDayOfMonth(addDays(toDate32(toTimeZone(last_at, zone)), 1)) = 1
FROM
(
    SELECT *, sum(begins) OVER (PARTITION BY program_id, visitor_kind, visitor, month ORDER BY occurred_at, event_id ROWS UNBOUNDED PRECEDING) AS number
    FROM
    (
        SELECT
            *,
            row_number() OVER visits = 1 OR occurred_at >= lagInFrame(occurred_at, 1, occurred_at) OVER visits + INTERVAL 30 MINUTE AS begins
        FROM
        (
            SELECT
                program_id,
                event_id,
                member_id,
                if(visitor_id != '', 'visitor', 'member')      AS visitor_kind,
                if(visitor_id != '', visitor_id, member_id)    AS visitor,
                occurred_at,
                toDate32(toTimeZone(occurred_at, zone))        AS day,
                makeDate32(toYear(day), toMonth(day), 1)       AS month
            FROM warehouse.portal_events FINAL
            WHERE occurred_at >= {since:DateTime64(6, 'UTC')} AND occurred_at < {until:DateTime64(6, 'UTC')}
        )
        WHERE month IN {months:Array(Date32)}
        WINDOW visits AS (PARTITION BY program_id, visitor_kind, visitor, month ORDER BY occurred_at, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    )
) AS m
GROUP BY program_id, visitor_kind, visitor, month, number
SETTINGS max_partitions_per_insert_block = 0;
