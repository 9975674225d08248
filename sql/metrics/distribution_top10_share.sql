-- Share of the largest tenth of the population. KPI.md section 3, dimension distribution.
CREATE OR REPLACE VIEW kpi_core.metric_of_distribution_top10_share AS
SELECT month, scope, program_id, org_id, segment, population, 'top10_share' AS metric, CAST(top10_share AS Nullable(Decimal(76, 20))) AS value
FROM kpi_core.distribution_month;
