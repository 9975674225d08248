-- Unspent dollars {program}
SELECT
    toUnixTimestamp(month) AS time,
    unspent_dollars AS unspent
FROM kpi.financial_monthly
WHERE scope = if({program:String} = '', 'portfolio', 'program') AND program_id = {program:String}
    AND month > addMonths((SELECT newest_month FROM kpi.as_of), -{months:UInt16})
ORDER BY month
