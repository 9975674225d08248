-- The interventions in force: the defaults, and in place of all of a topic's what the newest set of
-- kpi_core.intervention_setting has for it.
CREATE OR REPLACE VIEW kpi_core.intervention AS
WITH (SELECT argMax(settings, changed_at) FROM kpi_core.intervention_setting) AS changed
SELECT
    d.topic AS topic,
    d.kind AS kind,
    if(mapContains(changed, d.topic), changed[d.topic], d.suggestions) AS suggestions,
    NOT mapContains(changed, d.topic) AS is_default
FROM
(
    SELECT topic, any(kind) AS kind, groupArray(suggestion) AS suggestions
    FROM (SELECT topic, kind, position, suggestion FROM kpi_core.intervention_default ORDER BY topic, position)
    GROUP BY topic
) AS d
COMMENT 'The interventions in force, a row a topic';
