-- rising_unspent: the liability grows by a share and an amount while redemptions do not grow. KPI.md section 5.
CREATE OR REPLACE VIEW kpi_core.exception_of_rising_unspent AS
WITH
    (SELECT limits FROM kpi_core.limits) AS limits,
    limits['rising_unspent.min_pct'] AS min_pct,
    limits['rising_unspent.min_amount'] AS min_amount,
    toUInt8(limits['rising_unspent.critical_months']) AS critical_months,
    moved AS
    (
        SELECT
            month, scope, program_id, org_id, segment,
            anyIf(m.value, metric = 'unspent_dollars')    AS observed,
            anyIf(m.previous, metric = 'unspent_dollars') AS expected,
            -- NULL never fires.
            ifNull(anyIf(m.mom_pct, metric = 'unspent_dollars') >= min_pct
                AND anyIf(m.mom_abs, metric = 'unspent_dollars') >= min_amount
                AND anyIf(m.mom_abs, metric = 'dollars_redeemed') <= 0, 0) AS fires
        FROM kpi_core.movement(edition = {edition:UInt64}, since = {since:Date32}) AS m
        WHERE metric IN ('unspent_dollars', 'dollars_redeemed')
        GROUP BY month, scope, program_id, org_id, segment
    )
SELECT
    month, scope, program_id, org_id, segment,
    'rising_unspent' AS rule, 'unspent_dollars' AS metric, '' AS variant,
    if(arraySum(arraySlice(fired, -critical_months)) = critical_months, 'critical', 'warning') AS severity,
    observed,
    expected
FROM
(
    SELECT *, groupArray(fires) OVER (PARTITION BY scope, program_id, org_id, segment ORDER BY month ROWS BETWEEN 11 PRECEDING AND CURRENT ROW) AS fired
    FROM moved
)
WHERE fires;
