-- The thresholds in force, of exceptions, the lens and the checks: the defaults, and what the newest set of kpi_core.threshold_setting changes.
CREATE OR REPLACE VIEW kpi_core.threshold AS
WITH
    (SELECT argMax(settings, changed_at) FROM kpi_core.threshold_setting) AS changed,
    concat(d.rule, '.', d.threshold) AS key
SELECT
    d.rule AS rule,
    d.threshold AS threshold,
    if(mapContains(changed, key), changed[key], d.value) AS value,
    d.value AS default_value,
    d.meaning AS meaning
FROM
(
    SELECT rule, threshold, value, meaning FROM kpi_core.threshold_default
    UNION ALL
    SELECT rule, threshold, value, meaning FROM kpi_core.check_threshold_default
) AS d
COMMENT 'The thresholds in force: every one of every rule';
