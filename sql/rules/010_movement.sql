-- What the rules of exceptions look at: headline metrics and the awarded distribution, from one month on. Figures have 20
-- places; a quotient of two quotients may be off by some units of the last, which must not decide on which side of a
-- threshold it is: movements are rounded to 18.
CREATE OR REPLACE VIEW kpi_core.movement AS
WITH (SELECT mapFromArrays(groupArray(metric), groupArray(form)) FROM kpi_core.metric_catalogue WHERE headline = 1) AS headlines
SELECT
    month, scope, program_id, org_id, segment, population, metric,
    mapContains(headlines, metric) AS is_headline,
    headlines[metric] AS form,
    exact_value AS value,
    lagInFrame(exact_value, 1) OVER months AS previous,
    round(exact_value - previous, 18) AS mom_abs,
    round(exact_mom_pct, 18) AS mom_pct,
    trend_sd,
    trend
FROM kpi_core.metric_month_in(edition = {edition:UInt64})
WHERE month >= {since:Date32} AND (population = '' AND is_headline OR population = 'awarded' AND metric IN ('users', 'gini', 'top10_share'))
WINDOW months AS (PARTITION BY scope, program_id, org_id, segment, population, metric ORDER BY month ROWS BETWEEN 1 PRECEDING AND CURRENT ROW);
