-- A metric that only a test knows: net awarded per session. NULL where there is no session.
CREATE OR REPLACE VIEW kpi_core.metric_of_awarded_per_session AS
SELECT
    edition, month, scope, program_id, org_id, segment, '' AS population, 'awarded_per_session' AS metric,
    CAST(awarded AS Nullable(Decimal(76, 20))) / nullIf(CAST(sessions AS Nullable(Decimal(76, 20))), 0) AS value
FROM kpi_core.scope_month;
