-- Seconds per session. NULL where the denominator is 0. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_avg_session_seconds AS
SELECT
    edition, month, scope, program_id, org_id, segment, '' AS population, 'avg_session_seconds' AS metric,
    CAST(session_seconds AS Nullable(Decimal(76, 20))) / nullIf(CAST(sessions AS Nullable(Decimal(76, 20))), 0) AS value
FROM kpi_core.scope_month;
