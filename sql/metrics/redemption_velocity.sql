-- Redeemed per dollar that could be. NULL where the denominator is 0. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_redemption_velocity AS
SELECT
    edition, month, scope, program_id, org_id, segment, '' AS population, 'redemption_velocity' AS metric,
    CAST(redeemed AS Nullable(Decimal(76, 20))) / nullIf(CAST((unspent_before + awarded) AS Nullable(Decimal(76, 20))), 0) AS value
FROM kpi_core.scope_month;
