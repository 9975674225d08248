-- How old the portfolio's unspent dollars are at a month's end. Decimals as text, so that no digit is lost.
SELECT metric, m.name AS name, ifNull(toString(value), '') AS value
FROM kpi.metric_monthly AS f
INNER JOIN kpi.metrics AS m ON f.metric = m.metric AND f.population = m.population
WHERE f.scope = 'portfolio' AND f.month = {month:Date32} AND startsWith(f.metric, 'liability_')
ORDER BY naturalSortKey(f.metric);
