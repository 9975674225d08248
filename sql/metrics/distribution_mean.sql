-- Average of the population. KPI.md section 3, dimension distribution.
CREATE OR REPLACE VIEW kpi_core.metric_of_distribution_mean AS
SELECT month, scope, program_id, org_id, segment, population, 'mean' AS metric, CAST(mean AS Nullable(Decimal(76, 20))) AS value
FROM kpi_core.distribution_month;
