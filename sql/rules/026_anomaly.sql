-- anomaly: a headline metric lies far from the median of the twelve months before, by the robust z. KPI.md section 5.
CREATE OR REPLACE VIEW kpi_core.exception_of_anomaly AS
WITH
    (SELECT limits FROM kpi_core.limits) AS limits,
    limits['anomaly.min_z'] AS min_z,
    toUInt8(limits['anomaly.min_months']) AS min_months,
    -- Of values in ascending order; the mean of the two in the middle where their number is even.
    sorted -> (sorted[intDiv(length(sorted) + 1, 2)] + sorted[intDiv(length(sorted), 2) + 1]) / 2 AS middle_of
SELECT
    month, scope, program_id, org_id, segment,
    'anomaly' AS rule, metric, '' AS variant,
    'warning' AS severity,
    value AS observed,
    toNullable(median) AS expected
FROM
(
    SELECT
        month, scope, program_id, org_id, segment, metric, value,
        middle_of(arraySort(before)) AS median,
        middle_of(arraySort(arrayMap(v -> abs(v - median), before))) AS deviation
    FROM
    (
        SELECT
            month, scope, program_id, org_id, segment, metric, value,
            -- NULLs are left out.
            groupArray(m.value) OVER (PARTITION BY scope, program_id, org_id, segment, metric ORDER BY month ROWS BETWEEN 12 PRECEDING AND 1 PRECEDING) AS before
        FROM kpi_core.movement(edition = {edition:UInt64}, since = {since:Date32}) AS m
        WHERE is_headline = 1
    )
    WHERE length(before) >= greatest(min_months, 1)
)
WHERE deviation > 0 AND round(toDecimal256('0.6745', 4) * abs(value - median) - CAST(min_z AS Decimal(76, 12)) * deviation, 18) >= 0;
