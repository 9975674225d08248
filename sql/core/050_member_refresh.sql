-- Members in force: the known ones as delivered, and those that only events mention, who join on the day of their first
-- event. KPI.md section 1. Like all views here that compute tables, it is refreshed by a load (load/refresh.go) and never
-- by the clock, which could see half a delivery; what a dead load left undone, the next run refreshes.
DROP VIEW IF EXISTS kpi_core.member_refresh SYNC;

CREATE MATERIALIZED VIEW kpi_core.member_refresh
REFRESH EVERY 100 YEAR
TO kpi_core.member
EMPTY
AS
SELECT program_id, member_id, org_id, segment, joined_on, left_on, 0 AS inferred
FROM warehouse.members FINAL
UNION ALL
SELECT program_id, member_id, org_id, '' AS segment, CAST(min(first_event_on) AS Nullable(Date32)) AS joined_on, NULL AS left_on, 1 AS inferred
FROM kpi_core.member_month
WHERE member_id != '' AND (program_id, member_id) NOT IN (SELECT program_id, member_id FROM warehouse.members FINAL)
GROUP BY program_id, member_id, org_id;
