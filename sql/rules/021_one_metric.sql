-- The rules that go by the months of one metric: those of a scope, in one pass. KPI.md section 5.
CREATE OR REPLACE VIEW kpi_core.exception_of_one_metric AS
WITH
    (SELECT limits FROM kpi_core.limits) AS limits,
    toUInt8(limits['declining_engagement.critical_months']) AS critical_months,
    toUInt8(limits['redemption_shift.stagnation_months']) AS stagnation_months,
    toUInt8(limits['anomaly.min_months']) AS min_months,
    limits['low_conversion.min_rate'] AS min_rate,
    limits['redemption_shift.min_pct'] AS shift_pct,
    -- Of values in ascending order; the mean of the two in the middle where their number is even.
    sorted -> (sorted[intDiv(length(sorted) + 1, 2)] + sorted[intDiv(length(sorted), 2) + 1]) / 2 AS middle_of
SELECT
    month, scope, program_id, org_id, segment,
    found.1 AS rule, metric, found.2 AS variant, found.3 AS severity, found.4 AS observed, found.5 AS expected
FROM
(
    SELECT
        month, scope, program_id, org_id, segment, metric,
        middle_of(arraySort(before)) AS median,
        middle_of(arraySort(arrayMap(v -> abs(v - median), before))) AS deviation,
        multiIf(
            metric != 'dollars_redeemed' OR mom_pct IS NULL, '',
            abs(mom_abs) >= limits['redemption_shift.min_amount'] AND mom_pct >= shift_pct, 'accelerating',
            abs(mom_abs) >= limits['redemption_shift.min_amount'] AND mom_pct <= -shift_pct, 'decelerating',
            arraySum(arraySlice(stood, -stagnation_months)) = stagnation_months, 'stagnating',
            '') AS shift,
        -- (rule, variant, severity, observed, what it is held against, whether it fires: NULL never does)
        [
            -- Few of the members awarded redeem, or clearly fewer than the month before.
            ('low_conversion', '', 'warning',
                value, if(value < min_rate, CAST(min_rate AS Nullable(Decimal(76, 20))), previous),
                ifNull(metric = 'activation_rate' AND (value < min_rate OR mom_abs <= -limits['low_conversion.max_drop']), 0)),
            -- Active users or sessions fall by a share and a number.
            ('declining_engagement', '', if(arraySum(arraySlice(fell, -critical_months)) = critical_months, 'critical', 'warning'),
                value, previous,
                falls),
            -- Redemptions speed up, slow down or stand still.
            ('redemption_shift', shift, 'info',
                value, previous,
                shift != ''),
            -- A headline metric moves by a share and by more than a floor.
            ('material_movement', '', if(abs(mom_pct) >= limits['material_movement.warning_pct'], 'warning', 'info'),
                value, previous,
                ifNull(abs(mom_pct) >= limits['material_movement.min_pct'] AND abs(mom_abs) >= limits[concat('material_movement.min_', form)], 0)),
            -- It lies far from the median of the twelve months before, by the robust z.
            ('anomaly', '', 'warning',
                value, toNullable(median),
                ifNull(length(before) >= greatest(min_months, 1) AND deviation > 0
                    AND round(toDecimal256('0.6745', 4) * abs(value - median) - CAST(limits['anomaly.min_z'] AS Decimal(76, 12)) * deviation, 18) >= 0, 0)),
            -- That of the portfolio or a programme goes up and down.
            ('volatile_trend', '', 'info',
                CAST(trend_sd AS Nullable(Decimal(76, 20))), CAST(limits['trend.max_watch'] AS Nullable(Decimal(76, 20))),
                ifNull(scope IN ('portfolio', 'program') AND trend = 'volatile', 0))
        ] AS rules
    FROM
    (
        SELECT
            *,
            ifNull(metric IN ('active_users', 'sessions')
                AND mom_pct <= -limits['declining_engagement.min_drop_pct'] AND mom_abs <= -limits['declining_engagement.min_drop_users'], 0) AS falls,
            ifNull(abs(mom_pct) <= limits['redemption_shift.stagnation_pct'], 0) AS stands,
            groupArray(falls) OVER year  AS fell,
            groupArray(stands) OVER year AS stood,
            -- NULLs are left out.
            groupArray(m.value) OVER year_before AS before
        FROM kpi_core.movement(edition = {edition:UInt64}, since = {since:Date32}) AS m
        WHERE is_headline
        WINDOW
            year AS (PARTITION BY scope, program_id, org_id, segment, metric ORDER BY month ROWS BETWEEN 11 PRECEDING AND CURRENT ROW),
            year_before AS (PARTITION BY scope, program_id, org_id, segment, metric ORDER BY month ROWS BETWEEN 12 PRECEDING AND 1 PRECEDING)
    )
)
ARRAY JOIN arrayFilter(rule -> rule.6, rules) AS found;
