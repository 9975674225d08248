-- Expired in the month. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_dollars_expired AS
SELECT edition, month, scope, program_id, org_id, segment, '' AS population, 'dollars_expired' AS metric, CAST(expired AS Nullable(Decimal(76, 20))) AS value
FROM kpi_core.scope_month;
