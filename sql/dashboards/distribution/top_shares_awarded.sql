-- What the largest 1 %, 10 % and 20 % of the members have of the dollars awarded in the month.
SELECT
    month AS time,
    d.top1_share AS awarded_top1_share,
    d.top10_share AS awarded_top10_share,
    d.top20_share AS awarded_top20_share
FROM kpi.distribution_monthly AS d
WHERE {scope:Condition} AND population = 'awarded' AND $__dateFilter(month)
ORDER BY time
