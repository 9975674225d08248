-- Every metric of the portfolio and of each programme in a month, against the month before and the same month of the year before. In
-- the order of the metric catalogue; decimals as text, so that no digit is lost; empty for NULL.
SELECT
    m.scope AS scope, m.program_id AS program_id, p.name AS program,
    m.dimension AS dimension, m.population AS population, m.metric AS metric,
    c.name AS name, c.unit AS unit, c.form AS form, c.headline AS headline, m.polarity AS polarity,
    ifNull(toString(m.value), '')    AS value,
    ifNull(toString(m.previous), '') AS previous,
    ifNull(toString(m.mom_abs), '')  AS mom_abs,
    ifNull(toString(m.mom_pct), '')  AS mom_pct,
    ifNull(toString(y.value), '')    AS year_before,
    ifNull(toString(m.yoy_abs), '')  AS yoy_abs,
    ifNull(toString(m.yoy_pct), '')  AS yoy_pct,
    ifNull(m.direction, '')          AS direction,
    ifNull(m.trend, '')              AS trend,
    ifNull(toString(m.trend_sd), '') AS trend_sd
FROM kpi.metric_monthly AS m
INNER JOIN (SELECT *, rowNumberInAllBlocks() AS place FROM kpi_core.metric_catalogue) AS c ON m.metric = c.metric AND m.population = c.population
LEFT JOIN
(
    SELECT scope, program_id, population, metric, value
    FROM kpi.metric_monthly
    WHERE month = addMonths({month:Date32}, -12) AND scope IN ('portfolio', 'program')
) AS y ON m.scope = y.scope AND m.program_id = y.program_id AND m.population = y.population AND m.metric = y.metric
LEFT JOIN (SELECT program_id, name FROM warehouse.programs FINAL) AS p ON m.program_id = p.program_id
WHERE m.month = {month:Date32} AND m.scope IN ('portfolio', 'program')
ORDER BY m.scope, m.program_id, c.place;
