-- The metric catalogue with what the metrics file changes: the newest set of kpi_core.metric_setting.
CREATE OR REPLACE VIEW kpi_core.metric_in_force AS
WITH
    (SELECT argMax(settings, changed_at) FROM kpi_core.metric_setting) AS changed,
    if(c.population = '', c.metric, concat(c.population, '/', c.metric)) AS key
SELECT
    c.metric AS metric,
    c.dimension AS dimension,
    c.population AS population,
    c.name AS name,
    c.unit AS unit,
    c.form AS form,
    c.can_be_null AS can_be_null,
    c.layer AS layer,
    c.higher_is AS higher_is,
    c.headline AS headline,
    if(changed[key].owner = '', c.owner, changed[key].owner) AS owner,
    ifNull(changed[key].baseline, c.baseline)                AS baseline,
    ifNull(changed[key].target, c.target)                    AS target,
    ifNull(changed[key].warn, c.warn)                        AS warn,
    ifNull(changed[key].critical, c.critical)                AS critical,
    c.cadence AS cadence,
    c.section AS section,
    c.definition AS definition
FROM kpi_core.metric_catalogue AS c
COMMENT 'What each metric means, who owns it and where it should be';
