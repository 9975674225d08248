-- What happened in each scope and month that has an event. KPI.md section 3.
DROP VIEW IF EXISTS kpi_core.scope_flow_refresh SYNC;

CREATE MATERIALIZED VIEW kpi_core.scope_flow_refresh
REFRESH EVERY 100 YEAR
TO kpi_core.scope_flow
EMPTY
AS
SELECT
    month,
    scope,
    program_id,
    org_id,
    segment,
    sum(f.awarded)                              AS awarded,
    sum(f.redeemed)                             AS redeemed,
    sum(f.expired)                              AS expired,
    countIf(f.awarded > 0)                      AS users_awarded,
    countIf(f.redeemed > 0)                     AS users_redeeming,
    countIf(f.sessions > 0 AND member_id != '') AS active_users,
    sum(f.sessions)                             AS sessions
FROM kpi_core.scope_member_month AS f
GROUP BY month, scope, program_id, org_id, segment;
