-- Redeemed per dollar awarded, of the month. NULL where the denominator is 0. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_awarded_to_redeemed AS
SELECT
    edition, month, scope, program_id, org_id, segment, '' AS population, 'awarded_to_redeemed' AS metric,
    CAST(redeemed AS Nullable(Decimal(76, 20))) / nullIf(CAST(awarded AS Nullable(Decimal(76, 20))), 0) AS value
FROM kpi_core.scope_month;
