-- Size of the population. KPI.md section 3, dimension distribution.
CREATE OR REPLACE VIEW kpi_core.metric_of_distribution_users AS
SELECT month, scope, program_id, org_id, segment, population, 'users' AS metric, CAST(users AS Nullable(Decimal(76, 20))) AS value
FROM kpi_core.distribution_month;
