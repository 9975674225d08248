-- The liability of thirteen months up to the chosen one, and the six to come if each is like the average of the last three.
-- Months are texts: a dashboard's time range ends now.
SELECT
    formatDateTime(at, '%Y-%m') AS forecast_month,
    sum(p.unspent) AS actual_dollars,
    sum(p.projected) AS projected_dollars
FROM
(
    SELECT month AS at, toNullable(unspent_dollars) AS unspent, CAST(NULL AS Nullable(Decimal(38, 4))) AS projected
    FROM kpi.financial_monthly
    WHERE {scope:Condition} AND month BETWEEN addMonths(toDate32OrNull(${month:singlequote}), -12) AND toDate32OrNull(${month:singlequote})
    UNION ALL
    SELECT forecast_month, NULL, projected_dollars
    FROM kpi.liability_forecast
    WHERE {scope:Condition} AND month = toDate32OrNull(${month:singlequote}) AND months_ahead > 0
) AS p
GROUP BY at
ORDER BY at
