-- Net redeemed in the month. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_dollars_redeemed AS
SELECT edition, month, scope, program_id, org_id, segment, '' AS population, 'dollars_redeemed' AS metric, CAST(redeemed AS Nullable(Decimal(76, 20))) AS value
FROM kpi_core.scope_month;
