-- What the metrics file may name: metrics, those of a distribution with their population, and thresholds of rules.
SELECT '' AS rule, if(population = '', metric, concat(population, '/', metric)) AS name
FROM kpi_core.metric_catalogue
UNION ALL
SELECT rule, threshold AS name
FROM kpi_core.threshold;
