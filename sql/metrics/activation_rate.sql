-- users_redeeming / users_awarded of the month; NULL where nobody was awarded anything. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_activation_rate AS
SELECT
    month, scope, program_id, org_id, segment, '' AS population, 'activation_rate' AS metric,
    if(users_awarded = 0, NULL, divideDecimal(toDecimal256(users_redeeming, 0), toDecimal256(greatest(users_awarded, 1), 0), 20)) AS value
FROM kpi_core.scope_month;
