-- Size, mean, percentiles and concentration of both populations in the chosen month, with their movements.
SELECT
    m.month AS month, m.scope AS scope, m.program_id AS program_id, m.population AS population, m.metric AS metric,
    k.name AS name,
    m.value AS value,
    m.mom_pct AS mom_pct,
    m.yoy_pct AS yoy_pct,
    k.definition AS definition
FROM kpi.metric_monthly AS m
INNER JOIN kpi.metrics AS k ON m.metric = k.metric AND m.population = k.population
WHERE {scope:Condition} AND month = toDate32OrNull(${month:singlequote})
    AND m.dimension = 'distribution' AND m.metric IN ('mean', 'p10', 'p25', 'p50', 'p75', 'p90', 'p99', 'max')
ORDER BY population, indexOf(['mean', 'p10', 'p25', 'p50', 'p75', 'p90', 'p99', 'max'], metric)
