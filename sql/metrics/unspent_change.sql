-- What the month added to the liability. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_unspent_change AS
SELECT edition, month, scope, program_id, org_id, segment, '' AS population, 'unspent_change' AS metric, CAST(unspent - unspent_before AS Nullable(Decimal(76, 20))) AS value
FROM kpi_core.scope_month;
