-- Every metric of every scope and month: all views named metric_of_…, one file each in sql/metrics.
CREATE OR REPLACE VIEW kpi_core.metric_value AS
SELECT month, scope, program_id, org_id, segment, population, metric, value
FROM merge('kpi_core', '^metric_of_');
