-- The figures of a review pack: the last 13 months of all metrics of the portfolio and of the headline metrics of the
-- programmes; of the programmes' other metrics the month and the same month of the year before. Decimals as text, so that no
-- digit is lost; empty for NULL.
SELECT
    m.month AS month,
    m.scope AS scope,
    m.program_id AS program_id,
    m.population AS population,
    m.metric AS metric,
    ifNull(toString(m.value), '')    AS value,
    ifNull(toString(m.previous), '') AS previous,
    ifNull(toString(m.mom_abs), '')  AS mom_abs,
    ifNull(toString(m.mom_pct), '')  AS mom_pct,
    ifNull(toString(m.yoy_abs), '')  AS yoy_abs,
    ifNull(toString(m.yoy_pct), '')  AS yoy_pct,
    ifNull(toString(m.trend), '')    AS trend
FROM kpi.metric_monthly AS m
WHERE m.scope IN ('portfolio', 'program')
  AND m.month BETWEEN addMonths({month:Date32}, -12) AND {month:Date32}
  AND (m.scope = 'portfolio' OR m.month IN (addMonths({month:Date32}, -12), {month:Date32})
       OR m.metric IN (SELECT metric FROM kpi.metrics WHERE headline))
ORDER BY scope, program_id, month, population, metric;
