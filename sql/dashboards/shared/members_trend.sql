-- How many members there are, were awarded, redeemed and came to the portal.
SELECT
    e.month AS time,
    f.total_users AS total_users,
    e.users_awarded AS users_awarded,
    e.users_redeeming AS users_redeeming,
    e.active_users AS active_users
FROM
(
    SELECT month, users_awarded, users_redeeming, active_users
    FROM {database:Identifier}.engagement_monthly
    WHERE {scope:Condition} AND $__dateFilter(month)
) AS e
LEFT JOIN
(
    SELECT month, CAST(value AS Nullable(UInt64)) AS total_users
    FROM {database:Identifier}.metric_monthly
    WHERE {scope:Condition} AND metric = 'total_users' AND $__dateFilter(month)
) AS f ON e.month = f.month
ORDER BY time
