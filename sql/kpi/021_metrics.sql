-- The metric catalogue.
CREATE OR REPLACE VIEW kpi.metrics
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT metric, dimension, population, name, unit, higher_is, definition
FROM kpi_core.metric_catalogue
COMMENT 'What each metric means';
