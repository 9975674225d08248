-- Members who joined in the month. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_new_users AS
SELECT edition, month, scope, program_id, org_id, segment, '' AS population, 'new_users' AS metric, CAST(new_users AS Nullable(Decimal(76, 20))) AS value
FROM kpi_core.scope_month;
