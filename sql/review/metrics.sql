-- The metric catalogue, in its own order, the headline metrics of a dimension first. Decimals as text; empty for NULL.
SELECT
    metric, dimension, population, name, unit, form, higher_is, headline, owner,
    ifNull(toString(m.target), '') AS target,
    definition
FROM kpi.metrics AS m
INNER JOIN
(
    SELECT metric, population, rowNumberInAllBlocks() AS place
    FROM kpi_core.metric_catalogue
) AS c ON m.metric = c.metric AND m.population = c.population
ORDER BY indexOf(['financial', 'engagement', 'distribution'], dimension), headline DESC, c.place;
