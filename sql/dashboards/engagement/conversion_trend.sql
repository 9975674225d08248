-- Conversion by the month of the award.
SELECT
    month AS time,
    conversion_30d,
    conversion_60d,
    conversion_90d
FROM kpi_engagement.engagement_monthly
WHERE {scope:Condition} AND $__dateFilter(month)
ORDER BY time
