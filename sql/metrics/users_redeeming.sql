-- Members with net redeemed above 0 in the month. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_users_redeeming AS
SELECT edition, month, scope, program_id, org_id, segment, '' AS population, 'users_redeeming' AS metric, CAST(users_redeeming AS Nullable(Decimal(76, 20))) AS value
FROM kpi_core.scope_month;
