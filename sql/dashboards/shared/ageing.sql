-- The liability by age at each month's end: unspent dollars, oldest spent first.
SELECT
    month AS time,
    liability_0_30,
    liability_31_60,
    liability_61_90,
    liability_91_180,
    liability_181_365,
    liability_365_plus
FROM kpi.financial_monthly
WHERE {scope:Condition} AND $__dateFilter(month)
ORDER BY time
