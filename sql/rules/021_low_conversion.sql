-- low_conversion: few of the members awarded redeem, or clearly fewer than the month before. KPI.md section 5.
CREATE OR REPLACE VIEW kpi_core.exception_of_low_conversion AS
WITH
    (SELECT limits FROM kpi_core.limits) AS limits,
    limits['low_conversion.min_rate'] AS min_rate,
    limits['low_conversion.max_drop'] AS max_drop
SELECT
    month, scope, program_id, org_id, segment,
    'low_conversion' AS rule, metric, '' AS variant,
    'warning' AS severity,
    value AS observed,
    if(value < min_rate, CAST(min_rate AS Nullable(Decimal(76, 20))), previous) AS expected
FROM kpi_core.movement(edition = {edition:UInt64}, since = {since:Date32})
WHERE metric = 'activation_rate' AND (value < min_rate OR mom_abs <= -max_drop);
