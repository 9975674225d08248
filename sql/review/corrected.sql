-- Figures of an earlier closing of the month that are others now, of the portfolio and of programmes, the headline metrics first: of the
-- closing before the newest, or of the newest while the month is reopened. Metrics that did not exist then are left out; so are
-- conversions that had not come to maturity. Decimals as text; empty for NULL.
WITH
    then AS
    (
        SELECT scope, program_id, population, metric, value
        FROM kpi.reported_monthly
        WHERE month = {month:Date32} AND scope IN ('portfolio', 'program')
            AND closing IN (SELECT closings - (state = 'closed') FROM kpi.reviews WHERE month = {month:Date32})
    ),
    figure AS
    (
        SELECT scope, program_id, population, metric, value, 'then' AS origin
        FROM then
        UNION ALL
        SELECT scope, program_id, population, metric, CAST(value AS Nullable(Decimal(38, 12))), 'now' AS origin
        FROM kpi.metric_monthly
        WHERE month = {month:Date32} AND scope IN ('portfolio', 'program') AND (population, metric) IN (SELECT population, metric FROM then)
    ),
    pair AS
    (
        SELECT
            scope, program_id, population, metric,
            anyIf(f.value, f.origin = 'then') AS reported,
            anyIf(f.value, f.origin = 'now') AS now
        FROM figure AS f
        GROUP BY scope, program_id, population, metric
    )
SELECT
    p.program_id AS program_id,
    p.population AS population,
    p.metric AS metric,
    ifNull(toString(p.reported), '')         AS reported,
    ifNull(toString(p.now), '')              AS now,
    ifNull(toString(p.now - p.reported), '') AS difference
FROM pair AS p
WHERE p.reported IS DISTINCT FROM p.now AND NOT (p.reported IS NULL AND startsWith(p.metric, 'conversion_'))
ORDER BY
    (p.metric, p.population) IN (SELECT metric, population FROM kpi.metrics WHERE headline) DESC,
    p.scope, p.program_id, p.population, p.metric;
