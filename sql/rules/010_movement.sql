-- What the rules of exceptions look at: headline metrics and the awarded distribution, from one month on. Figures have 20
-- places; a quotient of two quotients may be off by some units of the last, which must not decide on which side of a
-- threshold it is: movements are rounded to 18.
CREATE OR REPLACE VIEW kpi_core.movement AS
SELECT
    month, scope, program_id, org_id, segment, population, metric, is_headline, form,
    exact_value AS value,
    exact_previous AS previous,
    round(exact_value - exact_previous, 18) AS mom_abs,
    round(exact_mom_pct, 18) AS mom_pct,
    trend_sd,
    trend
FROM kpi_core.metric_month_in(edition = {edition:UInt64})
WHERE month >= {since:Date32} AND (population = '' AND is_headline OR population = 'awarded' AND metric IN ('users', 'gini', 'top10_share'));
