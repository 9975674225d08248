-- Every metric of every scope and month with its movements: the same fields for all.
CREATE OR REPLACE VIEW kpi.metric_monthly
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT month, scope, program_id, org_id, segment, dimension, population, metric, value, previous, mom_abs, mom_pct, yoy_abs, yoy_pct, direction, polarity
FROM kpi_core.metric_month
COMMENT 'Every metric of every scope and month, with its movements: KPI.md sections 3 and 4';
