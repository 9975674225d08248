-- The portfolio's headline metrics of a month with their movements. Decimals as text, so that no digit is lost; empty for
-- NULL.
SELECT
    f.metric AS metric,
    m.name AS name,
    m.form AS form,
    ifNull(toString(f.value), '')    AS value,
    ifNull(toString(f.previous), '') AS previous,
    ifNull(toString(f.mom_abs), '')  AS mom_abs,
    ifNull(toString(f.mom_pct), '')  AS mom_pct
FROM kpi.metric_monthly AS f
INNER JOIN kpi.metrics AS m ON f.metric = m.metric AND f.population = m.population
WHERE f.scope = 'portfolio' AND f.month = {month:Date32} AND m.headline
ORDER BY indexOf(['financial', 'engagement'], m.dimension), naturalSortKey(f.metric);
