-- What the largest 1 %, 10 % and 20 % of the members have of the unspent dollars at the month's end.
SELECT
    month AS time,
    d.top1_share AS unspent_top1_share,
    d.top10_share AS unspent_top10_share,
    d.top20_share AS unspent_top20_share
FROM kpi.distribution_monthly AS d
WHERE {scope:Condition} AND population = 'unspent' AND $__dateFilter(month)
ORDER BY time
