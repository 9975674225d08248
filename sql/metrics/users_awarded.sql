-- Members with net awarded above 0 in the month. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_users_awarded AS
SELECT edition, month, scope, program_id, org_id, segment, '' AS population, 'users_awarded' AS metric, CAST(users_awarded AS Nullable(Decimal(76, 20))) AS value
FROM kpi_core.scope_month;
