-- Sessions made of page views: one visitor's events with gaps under 30 minutes. KPI.md section 1.
-- The visitor is (program_id, visitor_id), else the member, else the programme's one nameless visitor.
CREATE OR REPLACE VIEW kpi_core.event_session AS
SELECT
    program_id,
    argMinIf(member_id, (occurred_at, event_id), member_id != '') AS session_member_id,
    min(occurred_at)                                              AS started_at,
    max(occurred_at)                                              AS ended_at,
    count()                                                       AS page_views
FROM
(
    SELECT
        *,
        sum(starts) OVER (PARTITION BY program_id, visitor ORDER BY occurred_at, event_id ROWS UNBOUNDED PRECEDING) AS number
    FROM
    (
        SELECT
            program_id,
            member_id,
            event_id,
            occurred_at,
            if(visitor_id != '', ('visitor', visitor_id), ('member', member_id)) AS visitor,
            -- The first event has no one before it: lagInFrame gives it itself.
            row_number() OVER visits = 1
                OR occurred_at >= lagInFrame(occurred_at, 1, occurred_at) OVER visits + INTERVAL 30 MINUTE AS starts
        FROM warehouse.portal_events FINAL
        WINDOW visits AS (PARTITION BY program_id, if(visitor_id != '', ('visitor', visitor_id), ('member', member_id)) ORDER BY occurred_at, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    )
)
GROUP BY program_id, visitor, number;
