-- The state of a month's figures, metric by metric: another one as soon as a figure of it, or what it is compared with, is
-- another. States of several metrics add up to the state of all of them.
CREATE OR REPLACE VIEW kpi_core.figure_state AS
SELECT
    population,
    metric,
    count() AS figures,
    sum(reinterpretAsUInt128(sipHash128(
        (scope, program_id, org_id, segment, population, metric),
        (value, previous, mom_abs, mom_pct, yoy_abs, yoy_pct, direction, trend_sd, trend)))) AS state
FROM kpi.metric_monthly
WHERE month = {month:Date32}
GROUP BY population, metric;
