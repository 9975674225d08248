-- Unspent dollars by days of age {program}
SELECT
    toUnixTimestamp(month) AS time,
    bucket,
    dollars
FROM kpi.liability_ageing_monthly
WHERE scope = if({program:String} = '', 'portfolio', 'program') AND program_id = {program:String}
    AND month > addMonths((SELECT newest_month FROM kpi.as_of), -{months:UInt16})
ORDER BY month, from_days
