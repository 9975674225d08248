-- How long the liability lasts at the rate of three months if nothing more is awarded, and what that rate is. How it is computed
-- is said in sql/kpi/072_liability_forecast.sql.
SELECT
    month,
    months_until_run_off,
    avg_awarded,
    avg_redeemed,
    avg_expired
FROM kpi.liability_forecast
WHERE {scope:Condition} AND months_ahead = 0
    AND month BETWEEN addMonths(toDate32OrNull(${month:singlequote}), -12) AND toDate32OrNull(${month:singlequote})
ORDER BY month
