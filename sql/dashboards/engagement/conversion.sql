-- Cohorts: of the members awarded in a month, the share that redeemed within 30, 60 and 90 days. Not there until all of them had that
-- long.
SELECT
    month, scope, program_id,
    users_awarded,
    conversion_30d,
    conversion_60d,
    conversion_90d
FROM kpi_engagement.engagement_monthly
WHERE {scope:Condition} AND month BETWEEN addMonths(toDate32OrNull(${month:singlequote}), -12) AND toDate32OrNull(${month:singlequote})
ORDER BY month DESC
