-- The interventions in force, topic by topic, risks first.
SELECT topic, kind, position, suggestion, toBool(is_default) AS is_default
FROM kpi.interventions
ORDER BY kind DESC, topic, position;
