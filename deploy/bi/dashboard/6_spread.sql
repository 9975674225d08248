-- How unevenly awards spread {program}
SELECT
    toUnixTimestamp(month) AS time,
    gini AS gini,
    top10_share AS top_10_percent
FROM kpi.distribution_monthly
WHERE scope = if({program:String} = '', 'portfolio', 'program') AND program_id = {program:String}
    AND month > addMonths((SELECT newest_month FROM kpi.as_of), -{months:UInt16})
    AND population = 'awarded'
ORDER BY month
