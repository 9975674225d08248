-- redemption_shift: redemptions speed up, slow down or stand still. KPI.md section 5.
CREATE OR REPLACE VIEW kpi_core.exception_of_redemption_shift AS
WITH
    (SELECT limits FROM kpi_core.limits) AS limits,
    limits['redemption_shift.min_pct'] AS min_pct,
    limits['redemption_shift.min_amount'] AS min_amount,
    limits['redemption_shift.stagnation_pct'] AS stagnation_pct,
    toUInt8(limits['redemption_shift.stagnation_months']) AS stagnation_months
SELECT
    month, scope, program_id, org_id, segment,
    'redemption_shift' AS rule, metric, shift AS variant,
    'info' AS severity,
    value AS observed,
    previous AS expected
FROM
(
    SELECT
        *,
        ifNull(abs(mom_pct) <= stagnation_pct, 0) AS stands,
        groupArray(stands) OVER (PARTITION BY scope, program_id, org_id, segment ORDER BY month ROWS BETWEEN 11 PRECEDING AND CURRENT ROW) AS stood,
        multiIf(
            mom_pct IS NULL, '',
            abs(mom_abs) >= min_amount AND mom_pct >= min_pct, 'accelerating',
            abs(mom_abs) >= min_amount AND mom_pct <= -min_pct, 'decelerating',
            arraySum(arraySlice(stood, -stagnation_months)) = stagnation_months, 'stagnating',
            '') AS shift
    FROM kpi_core.movement(edition = {edition:UInt64}, since = {since:Date32})
    WHERE metric = 'dollars_redeemed'
)
WHERE shift != '';
