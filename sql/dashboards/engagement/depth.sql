-- How much those who come to the portal do there.
SELECT
    month AS time,
    sessions_per_active_user,
    page_views_per_session,
    avg_session_seconds
FROM kpi_engagement.engagement_monthly
WHERE {scope:Condition} AND $__dateFilter(month)
ORDER BY time
