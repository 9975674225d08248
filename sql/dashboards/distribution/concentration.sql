-- How unevenly dollars are spread, month by month: 0 where all have the same.
SELECT
    month AS time,
    anyIf(d.gini, population = 'awarded') AS awarded_gini,
    anyIf(d.gini, population = 'unspent') AS unspent_gini
FROM kpi.distribution_monthly AS d
WHERE {scope:Condition} AND $__dateFilter(month)
GROUP BY month
ORDER BY time
