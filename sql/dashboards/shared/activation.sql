-- Which share of the members awarded redeems, of the month and to date, and which share of all members comes to the portal.
SELECT
    month AS time,
    activation_rate,
    program_activation_rate,
    portal_active_rate
FROM {database:Identifier}.engagement_monthly
WHERE {scope:Condition} AND $__dateFilter(month)
ORDER BY time
