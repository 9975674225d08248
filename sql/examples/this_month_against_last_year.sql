-- How did this month compare with last year's?
-- The headline metrics of the portfolio: this month, the month before and the same month of the year before.
SELECT
    k.name AS metric,
    m.month AS month,
    m.value AS value,
    m.mom_pct AS against_last_month,
    m.value - m.yoy_abs AS last_year,
    m.yoy_pct AS against_last_year,
    multiIf(m.yoy_abs IS NULL OR m.polarity = 'neutral' OR m.yoy_abs = 0, '', (m.yoy_abs > 0) = (m.polarity = 'good'), 'better', 'worse') AS verdict
FROM kpi.metric_monthly AS m
INNER JOIN kpi.metrics AS k ON m.metric = k.metric AND m.population = k.population
WHERE m.scope = 'portfolio' AND m.month = (SELECT month FROM kpi.months WHERE is_newest) AND k.headline = 1
ORDER BY k.name;
