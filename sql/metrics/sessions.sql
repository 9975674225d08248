-- All sessions of the month, anonymous ones too. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_sessions AS
SELECT edition, month, scope, program_id, org_id, segment, '' AS population, 'sessions' AS metric, CAST(sessions AS Nullable(Decimal(76, 20))) AS value
FROM kpi_core.scope_month;
