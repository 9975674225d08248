-- Critical exceptions of the newest complete month: of the portfolio itself, and of each programme with all that is in it.
SELECT
    if(m.program_id = '', 'the portfolio', concat('programme ', m.program_id)) AS whose,
    toFloat64(countIf(e.severity = 'critical')) AS critical_exceptions
FROM
(
    SELECT month, program_id
    FROM kpi.metric_monthly
    WHERE scope IN ('portfolio', 'program') AND metric = 'unspent_dollars' AND month = (SELECT month FROM kpi.months WHERE is_newest)
) AS m
LEFT JOIN kpi.exceptions AS e ON m.month = e.month AND m.program_id = e.program_id
GROUP BY m.program_id
ORDER BY whose
