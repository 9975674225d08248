-- declining_engagement: active users or sessions fall by a share and a number. KPI.md section 5.
CREATE OR REPLACE VIEW kpi_core.exception_of_declining_engagement AS
WITH
    (SELECT limits FROM kpi_core.limits) AS limits,
    limits['declining_engagement.min_drop_pct'] AS min_drop_pct,
    limits['declining_engagement.min_drop_users'] AS min_drop,
    toUInt8(limits['declining_engagement.critical_months']) AS critical_months
SELECT
    month, scope, program_id, org_id, segment,
    'declining_engagement' AS rule, metric, '' AS variant,
    if(arraySum(arraySlice(fired, -critical_months)) = critical_months, 'critical', 'warning') AS severity,
    value AS observed,
    previous AS expected
FROM
(
    SELECT
        *,
        -- NULL never fires.
        ifNull(mom_pct <= -min_drop_pct AND mom_abs <= -min_drop, 0) AS fires,
        groupArray(fires) OVER (PARTITION BY scope, program_id, org_id, segment, metric ORDER BY month ROWS BETWEEN 11 PRECEDING AND CURRENT ROW) AS fired
    FROM kpi_core.movement(edition = {edition:UInt64}, since = {since:Date32})
    WHERE metric IN ('active_users', 'sessions')
)
WHERE fires;
