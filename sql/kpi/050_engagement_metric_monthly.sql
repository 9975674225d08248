-- The metrics that say nothing about money.
CREATE OR REPLACE VIEW kpi_engagement.metric_monthly
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT month, scope, program_id, org_id, segment, dimension, population, metric, value, previous, mom_abs, mom_pct, yoy_abs, yoy_pct, direction, polarity
FROM kpi_core.metric_month
WHERE dimension = 'engagement' OR metric IN ('total_users', 'total_organisations')
COMMENT 'Metrics that say nothing about money';
