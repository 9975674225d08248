-- The metric catalogue, for names, units and definitions.
SELECT metric, dimension, population, name, unit, higher_is, definition
FROM kpi.metrics
ORDER BY dimension, population, metric;
