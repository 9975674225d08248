-- Sessions made of page views: one visitor's page views with gaps under 30 minutes. KPI.md section 1.
-- A visit that touches no edge of its month is a session; at an edge, one may go on with another.
CREATE OR REPLACE VIEW kpi_core.event_session_in AS
SELECT month, program_id, member_id, first_at AS started_at, last_at AS ended_at, page_views
FROM kpi_core.visit_in(edition = {edition:UInt64})
WHERE NOT at_edge
UNION ALL
SELECT
    min(v.month)                                            AS month,
    program_id,
    argMinIf(v.member_id, v.first_at, v.member_id != '')    AS member_id,
    min(v.first_at)                                         AS started_at,
    max(v.last_at)                                          AS ended_at,
    sum(v.page_views)                                       AS page_views
FROM
(
    SELECT *, sum(begins) OVER (PARTITION BY program_id, visitor_kind, visitor ORDER BY first_at ROWS UNBOUNDED PRECEDING) AS number
    FROM
    (
        SELECT
            *,
            -- The first visit has none before it: lagInFrame gives the default.
            row_number() OVER visits = 1 OR first_at >= lagInFrame(last_at, 1, last_at) OVER visits + INTERVAL 30 MINUTE AS begins
        FROM kpi_core.visit_in(edition = {edition:UInt64})
        WHERE at_edge
        WINDOW visits AS (PARTITION BY program_id, visitor_kind, visitor ORDER BY first_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    )
) AS v
GROUP BY program_id, visitor_kind, visitor, number;
