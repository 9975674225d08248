-- Sessions of members per active member. NULL where the denominator is 0. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_sessions_per_active_user AS
SELECT
    edition, month, scope, program_id, org_id, segment, '' AS population, 'sessions_per_active_user' AS metric,
    CAST(member_sessions AS Nullable(Decimal(76, 20))) / nullIf(CAST(active_users AS Nullable(Decimal(76, 20))), 0) AS value
FROM kpi_core.scope_month;
