-- The Herfindahl index, month by month: 1 where one member has all.
SELECT
    month AS time,
    anyIf(d.hhi, population = 'awarded') AS awarded_hhi,
    anyIf(d.hhi, population = 'unspent') AS unspent_hhi
FROM kpi.distribution_monthly AS d
WHERE {scope:Condition} AND $__dateFilter(month)
GROUP BY month
ORDER BY time
