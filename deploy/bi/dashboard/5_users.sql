-- Users {program}
SELECT
    toUnixTimestamp(month) AS time,
    users_awarded AS awarded,
    users_redeeming AS redeeming,
    active_users AS on_the_portal
FROM kpi.engagement_monthly
WHERE scope = if({program:String} = '', 'portfolio', 'program') AND program_id = {program:String}
    AND month > addMonths((SELECT newest_month FROM kpi.as_of), -{months:UInt16})
ORDER BY month
