-- Critical exceptions of the newest month that is complete: one matter for each rule and metric of a programme or the
-- portfolio; those of organisations and segments are for the review. It goes on as the same matter while months follow each other in which
-- it fires.
SELECT
    concat('critical_exception:', rule, ':', metric, ':', program_id) AS key,
    'critical' AS severity,
    concat(upper(substring(rule, 1, 1)), substring(replaceAll(rule, '_', ' '), 2), if(program_id = '', ' in the portfolio', concat(' in programme ', program_id)),
        ' (', replaceAll(metric, '_', ' '), ')') AS title,
    concat(formatDateTime(month, '%Y-%m'), ': ', sentence) AS text,
    'kpi.exceptions has all of them; partnerplus review pack writes the page to talk about.' AS todo,
    toDateTime64(month, 6, {zone:String}) AS since
FROM kpi.exceptions AS e
WHERE month = (SELECT month FROM kpi.months WHERE is_newest) AND e.severity = 'critical' AND e.scope IN ('portfolio', 'program')
ORDER BY key;
