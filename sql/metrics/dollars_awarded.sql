-- Net awarded in the month. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_dollars_awarded AS
SELECT edition, month, scope, program_id, org_id, segment, '' AS population, 'dollars_awarded' AS metric, CAST(awarded AS Nullable(Decimal(76, 20))) AS value
FROM kpi_core.scope_month;
