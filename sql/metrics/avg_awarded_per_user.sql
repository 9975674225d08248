-- Net awarded per member awarded. NULL where the denominator is 0. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_avg_awarded_per_user AS
SELECT
    edition, month, scope, program_id, org_id, segment, '' AS population, 'avg_awarded_per_user' AS metric,
    CAST(awarded AS Nullable(Decimal(76, 20))) / nullIf(CAST(users_awarded AS Nullable(Decimal(76, 20))), 0) AS value
FROM kpi_core.scope_month;
