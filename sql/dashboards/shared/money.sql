-- What was awarded and redeemed each month, and the liability that is left.
SELECT
    month AS time,
    dollars_awarded,
    dollars_redeemed,
    unspent_dollars
FROM kpi.financial_monthly
WHERE {scope:Condition} AND $__dateFilter(month)
ORDER BY time
