-- Redeemed per dollar awarded, of all time to the month's end. NULL where the denominator is 0. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_funding_utilisation AS
SELECT
    edition, month, scope, program_id, org_id, segment, '' AS population, 'funding_utilisation' AS metric,
    CAST(redeemed_to_date AS Nullable(Decimal(76, 20))) / nullIf(CAST(awarded_to_date AS Nullable(Decimal(76, 20))), 0) AS value
FROM kpi_core.scope_month;
