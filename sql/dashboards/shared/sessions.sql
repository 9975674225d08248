-- Portal sessions, and the members who had them.
SELECT
    month AS time,
    sessions,
    active_users
FROM {database:Identifier}.engagement_monthly
WHERE {scope:Condition} AND $__dateFilter(month)
ORDER BY time
