-- The liability at the month's end. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_unspent_dollars AS
SELECT edition, month, scope, program_id, org_id, segment, '' AS population, 'unspent_dollars' AS metric, CAST(unspent AS Nullable(Decimal(76, 20))) AS value
FROM kpi_core.scope_month;
