-- The six indicators of the portfolio, and the figure by which programmes are ranked in each: one row a month, indicator
-- and programme (empty: the portfolio). KPI.md section 6.
CREATE OR REPLACE VIEW kpi_core.lens_value AS
WITH
    {since:Date32} AS earliest,
    metric AS
    (
        SELECT
            month, program_id,
            anyIf(m.exact_value, metric = 'total_users')                AS total_users,
            anyIf(m.exact_mom_pct, metric = 'total_users')              AS total_users_mom_pct,
            anyIf(m.exact_value, metric = 'total_organisations')        AS total_organisations,
            anyIf(m.exact_value, metric = 'dollars_redeemed')           AS redeemed,
            anyIf(m.exact_value, metric = 'dollars_awarded')            AS awarded,
            anyIf(m.exact_value, metric = 'unspent_dollars')            AS unspent,
            anyIf(m.exact_mom_pct, metric = 'unspent_dollars')          AS unspent_mom_pct,
            anyIf(m.exact_value, metric = 'active_users')               AS active_users,
            anyIf(m.exact_mom_pct, metric = 'active_users')             AS active_users_mom_pct,
            anyIf(m.exact_value, metric = 'sessions_per_active_user')   AS sessions_per_active_user,
            anyIf(m.exact_value, metric = 'program_activation_rate')    AS program_activation_rate,
            countIf(m.is_headline AND m.trend = 'stable')               AS stable,
            countIf(m.is_headline AND m.trend IS NOT NULL)              AS with_trend
        FROM kpi_core.metric_month_in(edition = {edition:UInt64}) AS m
        WHERE m.month >= addMonths(earliest, -2) AND m.scope IN ('portfolio', 'program') AND m.population = ''
        GROUP BY m.month AS month, m.program_id AS program_id
    ),
    summed AS
    (
        SELECT
            *,
            -- In a scope's first two months, what there is.
            sum(redeemed) OVER quarter AS redeemed_3,
            sum(awarded) OVER quarter  AS awarded_3,
            -- The portfolio's stability is that of its programmes.
            if(program_id = '', sum(if(program_id = '', 0, stable)) OVER months, stable)         AS stable_count,
            if(program_id = '', sum(if(program_id = '', 0, with_trend)) OVER months, with_trend) AS trend_count
        FROM metric
        WINDOW
            quarter AS (PARTITION BY program_id ORDER BY month ROWS BETWEEN 2 PRECEDING AND CURRENT ROW),
            months AS (PARTITION BY month)
    )
SELECT month, program_id, figure.1 AS indicator, figure.2 AS value, figure.3 AS beside, figure.4 AS rank
FROM
(
    SELECT
        s.month AS month,
        s.program_id AS program_id,
        s.redeemed_3 / nullIf(s.awarded_3, 0) AS converted,
        CAST(s.stable_count AS Nullable(Decimal(76, 20))) / nullIf(CAST(s.trend_count AS Nullable(Decimal(76, 20))), 0) AS stability,
        -- (indicator, value, what stands beside it, rank: the lowest is the worst)
        [
            ('growth', s.total_users, s.total_organisations, s.total_users_mom_pct),
            ('conversion', converted, NULL, converted),
            ('liability', s.unspent, NULL, -s.unspent_mom_pct),
            ('engagement', s.active_users, s.sessions_per_active_user, s.active_users_mom_pct),
            ('stability', stability, NULL, stability),
            ('activation', s.program_activation_rate, NULL, s.program_activation_rate)
        ] AS figures
    FROM summed AS s
)
ARRAY JOIN figures AS figure
WHERE month >= earliest;
