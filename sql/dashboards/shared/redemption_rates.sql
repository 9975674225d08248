-- How much of the dollars is redeemed: of the month, of what was there to spend, and of all that was ever awarded.
SELECT
    month AS time,
    awarded_to_redeemed,
    redemption_velocity,
    funding_utilisation
FROM kpi.financial_monthly
WHERE {scope:Condition} AND $__dateFilter(month)
ORDER BY time
