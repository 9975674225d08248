-- volatile_trend: a headline metric of the portfolio or a programme goes up and down. KPI.md section 5.
CREATE OR REPLACE VIEW kpi_core.exception_of_volatile_trend AS
WITH
    (SELECT limits FROM kpi_core.limits) AS limits,
    limits['trend.max_watch'] AS max_watch
SELECT
    month, scope, program_id, org_id, segment,
    'volatile_trend' AS rule, metric, '' AS variant,
    'info' AS severity,
    CAST(trend_sd AS Nullable(Decimal(76, 20))) AS observed,
    CAST(max_watch AS Nullable(Decimal(76, 20))) AS expected
FROM kpi_core.movement(edition = {edition:UInt64}, since = {since:Date32})
WHERE is_headline = 1 AND scope IN ('portfolio', 'program') AND trend = 'volatile';
