-- Programmes compared by the headline metrics of a month: each one's place, 1 the largest value, and its share of the portfolio, which a
-- ratio has not.
SELECT
    m.metric AS metric,
    m.program_id AS program_id,
    if(m.value IS NULL, 0, toUInt64(rank() OVER (PARTITION BY m.metric ORDER BY m.value DESC NULLS LAST))) AS place,
    if(c.form = 'ratio', '', ifNull(toString(toDecimal128(round(CAST(m.value AS Decimal(76, 24)) / nullIf(p.value, 0), 12), 12)), '')) AS share
FROM kpi.metric_monthly AS m
INNER JOIN (SELECT *, rowNumberInAllBlocks() AS nth FROM kpi_core.metric_catalogue WHERE headline = 1) AS c ON m.metric = c.metric AND m.population = c.population
INNER JOIN kpi.metric_monthly AS p ON m.month = p.month AND m.metric = p.metric AND m.population = p.population
WHERE m.month = {month:Date32} AND m.scope = 'program' AND p.scope = 'portfolio'
ORDER BY c.nth, place = 0, place, program_id;
