-- Organisations at the month's end. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_total_organisations AS
SELECT edition, month, scope, program_id, org_id, segment, '' AS population, 'total_organisations' AS metric, CAST(total_organisations AS Nullable(Decimal(76, 20))) AS value
FROM kpi_core.scope_month;
