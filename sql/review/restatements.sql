-- Figures of closed months that have changed since, the month under review first, the portfolio and the headline metrics
-- before the others. Decimals as text; empty for NULL.
WITH (SELECT timezone FROM kpi_core.settings) AS zone
SELECT
    r.month AS month,
    r.program_id AS program_id,
    r.population AS population,
    r.metric AS metric,
    ifNull(toString(r.closed), '')     AS closed,
    ifNull(toString(r.now), '')        AS now,
    ifNull(toString(r.difference), '') AS difference,
    formatDateTime(toTimeZone(r.closed_at, zone), '%Y-%m-%d %H:%i') AS closed_on,
    r.closed_by AS closed_by,
    countIf(r.month = {month:Date32}) OVER () AS of_the_month,
    count() OVER () AS of_all
FROM kpi.restatements AS r
ORDER BY
    r.month = {month:Date32} DESC, r.month DESC, r.scope,
    (r.metric, r.population) IN (SELECT metric, population FROM kpi.metrics WHERE headline) DESC,
    r.program_id, r.population, r.metric
LIMIT {at_most:UInt32};
