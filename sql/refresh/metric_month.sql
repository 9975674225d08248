-- Every metric with its movements. Months are dense, so the row before is the month before. Movements are computed on
-- values of 20 places and rounded half away from zero to 12. KPI.md section 4.
INSERT INTO kpi_core.metric_month
(
    edition, month, scope, program_id, org_id, segment, dimension, population, metric,
    value, previous, mom_abs, mom_pct, yoy_abs, yoy_pct, direction, polarity, trend_sd, trend, exact_value, exact_mom_pct,
    exact_previous, form, is_headline
)
WITH
    (SELECT limits FROM kpi_core.limits) AS limits,
    limits['trend.max_stable'] AS max_stable,
    limits['trend.max_watch'] AS max_watch,
    series AS
    (
        SELECT month, scope, program_id, org_id, segment, population, metric, value
        FROM merge('kpi_core', '^metric_of_')
        WHERE edition = {edition:UInt64}
        UNION ALL
        -- Earlier months, for what looks back: at most twelve months, and six of a movement.
        SELECT month, scope, program_id, org_id, segment, population, metric, exact_value AS value
        FROM kpi_core.metric_month_in(edition = {edition:UInt64})
        WHERE month >= addMonths({from:Date32}, -12) AND month < {from:Date32}
    ),
    moved AS
    (
        SELECT
            *,
            lagInFrame(value, 1)  OVER months AS previous,
            lagInFrame(value, 12) OVER months AS year_before,
            (value - previous) / nullIf(abs(previous), 0)          AS mom_pct,
            (value - year_before) / nullIf(abs(year_before), 0)    AS yoy_pct
        FROM series
        WINDOW months AS (PARTITION BY scope, program_id, org_id, segment, population, metric ORDER BY month ROWS BETWEEN 12 PRECEDING AND CURRENT ROW)
    ),
    -- n² times the variance of the last six mom_pct: n Σp² - (Σp)², at 18 places of p.
    trended AS
    (
        SELECT
            *,
            CAST(round(mom_pct, 18) AS Nullable(Decimal(76, 18))) AS p,
            count(p) OVER last_six AS n,
            toDecimal256(n, 0) * sum(p * p) OVER last_six - (sum(p) OVER last_six) * (sum(p) OVER last_six) AS spread,
            -- At 16 places: what rounding did further down must not decide which side of a limit it is on.
            if(n < 3, NULL, round(spread / (n * n), 16)) AS variance
        FROM moved
        WINDOW last_six AS (PARTITION BY scope, program_id, org_id, segment, population, metric ORDER BY month ROWS BETWEEN 5 PRECEDING AND CURRENT ROW)
    )
SELECT
    {edition:UInt64},
    t.month, t.scope, t.program_id, t.org_id, t.segment,
    c.dimension,
    t.population,
    t.metric,
    CAST(round(t.value, 12) AS Nullable(Decimal(38, 12))),
    CAST(round(t.previous, 12) AS Nullable(Decimal(38, 12))),
    CAST(round(t.value - t.previous, 12) AS Nullable(Decimal(38, 12))),
    CAST(round(t.mom_pct, 12) AS Nullable(Decimal(38, 12))),
    CAST(round(t.value - t.year_before, 12) AS Nullable(Decimal(38, 12))),
    CAST(round(t.yoy_pct, 12) AS Nullable(Decimal(38, 12))),
    multiIf(t.value IS NULL OR t.previous IS NULL, NULL, t.value > t.previous, 'up', t.value < t.previous, 'down', 'flat'),
    c.higher_is,
    -- A Float becomes a Decimal by being cut: half of the last place rounds it.
    if(t.n < 3, NULL, toDecimal128(sqrt(toFloat64(t.spread)) / t.n + 5e-13, 12)),
    multiIf(t.variance IS NULL, NULL, t.variance <= max_stable * max_stable, 'stable', t.variance <= max_watch * max_watch, 'watch', 'volatile'),
    t.value,
    t.mom_pct,
    t.previous,
    c.form,
    c.headline
FROM trended AS t
INNER JOIN kpi_core.metric_catalogue AS c ON t.metric = c.metric AND t.population = c.population
WHERE t.month >= {from:Date32}
SETTINGS max_partitions_per_insert_block = 0;
