-- Every metric with its movements. Months are dense, so the row before is the month before. Movements are computed on
-- values of 20 places and rounded half away from zero to 12. KPI.md section 4.
-- The last to be refreshed: its swap shows readers everything new at once.
DROP VIEW IF EXISTS kpi_core.metric_month_refresh SYNC;

CREATE MATERIALIZED VIEW kpi_core.metric_month_refresh
REFRESH EVERY 100 YEAR
TO kpi_core.metric_month
EMPTY
AS
WITH
    (SELECT max(last_event_at) FROM kpi_core.member_month) AS newest_event,
    moved AS
    (
        SELECT
            *,
            lagInFrame(value, 1)  OVER months AS previous,
            lagInFrame(value, 12) OVER months AS year_before
        FROM kpi_core.metric_value
        WINDOW months AS (PARTITION BY scope, program_id, org_id, segment, population, metric ORDER BY month ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    )
SELECT
    m.month AS month,
    m.scope AS scope,
    m.program_id AS program_id,
    m.org_id AS org_id,
    m.segment AS segment,
    c.dimension AS dimension,
    m.population AS population,
    m.metric AS metric,
    CAST(round(m.value, 12) AS Nullable(Decimal(38, 12)))                       AS value,
    CAST(round(m.previous, 12) AS Nullable(Decimal(38, 12)))                    AS previous,
    CAST(round(m.value - m.previous, 12) AS Nullable(Decimal(38, 12)))          AS mom_abs,
    CAST(round((m.value - m.previous) / nullIf(abs(m.previous), 0), 12) AS Nullable(Decimal(38, 12)))       AS mom_pct,
    CAST(round(m.value - m.year_before, 12) AS Nullable(Decimal(38, 12)))       AS yoy_abs,
    CAST(round((m.value - m.year_before) / nullIf(abs(m.year_before), 0), 12) AS Nullable(Decimal(38, 12))) AS yoy_pct,
    multiIf(m.value IS NULL OR m.previous IS NULL, NULL, m.value > m.previous, 'up', m.value < m.previous, 'down', 'flat') AS direction,
    c.higher_is AS polarity,
    newest_event,
    now64(6) AS refreshed_at
FROM moved AS m
INNER JOIN kpi_core.metric_catalogue AS c ON m.metric = c.metric AND m.population = c.population;
