-- Members with a session of their own in the month. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_active_users AS
SELECT edition, month, scope, program_id, org_id, segment, '' AS population, 'active_users' AS metric, CAST(active_users AS Nullable(Decimal(76, 20))) AS value
FROM kpi_core.scope_month;
