-- Active members per member. NULL where the denominator is 0. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_portal_active_rate AS
SELECT
    edition, month, scope, program_id, org_id, segment, '' AS population, 'portal_active_rate' AS metric,
    CAST(active_users AS Nullable(Decimal(76, 20))) / nullIf(CAST(total_users AS Nullable(Decimal(76, 20))), 0) AS value
FROM kpi_core.scope_month;
