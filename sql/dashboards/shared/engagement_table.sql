-- Who was awarded, redeemed and used the portal, side by side in the chosen month; the lowest activation first.
SELECT
    month, scope, program_id, org_id, segment,
    users_awarded,
    users_awarded_mom_pct,
    users_redeeming,
    users_redeeming_mom_pct,
    activation_rate,
    program_activation_rate,
    conversion_30d,
    active_users,
    active_users_mom_pct,
    sessions,
    sessions_mom_pct,
    sessions_per_active_user,
    portal_active_rate
FROM {database:Identifier}.engagement_monthly
WHERE {scope:Condition} AND month = toDate32OrNull(${month:singlequote})
ORDER BY activation_rate, program_id, org_id, segment
LIMIT 500
