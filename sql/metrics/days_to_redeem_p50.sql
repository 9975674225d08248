-- Dollar-weighted lower median of the days from award to redemption. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_days_to_redeem_p50 AS
SELECT edition, month, scope, program_id, org_id, segment, '' AS population, 'days_to_redeem_p50' AS metric, CAST(days_to_redeem_p50 AS Nullable(Decimal(76, 20))) AS value
FROM kpi_core.scope_month;
