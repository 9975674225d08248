-- Dollars awarded and redeemed {program}
SELECT
    toUnixTimestamp(month) AS time,
    dollars_awarded AS awarded,
    dollars_redeemed AS redeemed
FROM kpi.financial_monthly
WHERE scope = if({program:String} = '', 'portfolio', 'program') AND program_id = {program:String}
    AND month > addMonths((SELECT newest_month FROM kpi.as_of), -{months:UInt16})
ORDER BY month
