-- Activation rate {program}
SELECT
    toUnixTimestamp(month) AS time,
    activation_rate AS of_the_month,
    program_activation_rate AS to_date
FROM kpi.engagement_monthly
WHERE scope = if({program:String} = '', 'portfolio', 'program') AND program_id = {program:String}
    AND month > addMonths((SELECT newest_month FROM kpi.as_of), -{months:UInt16})
ORDER BY month
