-- What the metrics file may name: metrics, those of a distribution with their population, thresholds of rules, and topics of
-- findings.
SELECT 'metric' AS kind, '' AS rule, if(population = '', metric, concat(population, '/', metric)) AS name
FROM kpi_core.metric_catalogue
UNION ALL
SELECT 'threshold' AS kind, rule, threshold AS name
FROM kpi_core.threshold
UNION ALL
SELECT 'topic' AS kind, '' AS rule, topic AS name
FROM kpi_core.intervention;
