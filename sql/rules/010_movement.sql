-- What the rules of exceptions look at: headline metrics and the awarded distribution, from one month on. Figures have 20
-- places; a quotient of two quotients may be off by some units of the last, which must not decide on which side of a
-- threshold it is: movements are rounded to 18.
CREATE OR REPLACE VIEW kpi_core.movement AS
SELECT
    m.month AS month, m.scope AS scope, m.program_id AS program_id, m.org_id AS org_id, m.segment AS segment,
    m.population AS population,
    m.metric AS metric,
    c.headline AS is_headline,
    c.form AS form,
    m.exact_value AS value,
    lagInFrame(m.exact_value, 1) OVER months AS previous,
    round(m.exact_value - previous, 18) AS mom_abs,
    round(m.exact_mom_pct, 18) AS mom_pct,
    m.trend_sd AS trend_sd,
    m.trend AS trend
FROM kpi_core.metric_month_in(edition = {edition:UInt64}) AS m
INNER JOIN kpi_core.metric_catalogue AS c ON m.metric = c.metric AND m.population = c.population
WHERE m.month >= {since:Date32} AND (c.headline = 1 OR m.population = 'awarded' AND m.metric IN ('users', 'gini', 'top10_share'))
WINDOW months AS (PARTITION BY m.scope, m.program_id, m.org_id, m.segment, m.population, m.metric ORDER BY m.month ROWS BETWEEN 1 PRECEDING AND CURRENT ROW);
