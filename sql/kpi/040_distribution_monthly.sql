-- How dollars spread over members: one row a scope and month, one column a metric. NULL: a ratio without a denominator, or no month before.
CREATE OR REPLACE VIEW kpi.distribution_monthly
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT
    month,
    scope,
    program_id,
    org_id,
    segment,
    population,
    CAST(assumeNotNull(anyIf(m.value, metric = 'users')) AS UInt64) AS users,
    anyIf(m.mom_abs, metric = 'users') AS users_mom_abs,
    anyIf(m.mom_pct, metric = 'users') AS users_mom_pct,
    anyIf(m.value, metric = 'mean') AS mean,
    anyIf(m.mom_abs, metric = 'mean') AS mean_mom_abs,
    anyIf(m.mom_pct, metric = 'mean') AS mean_mom_pct,
    anyIf(m.value, metric = 'p50') AS p50,
    anyIf(m.mom_abs, metric = 'p50') AS p50_mom_abs,
    anyIf(m.mom_pct, metric = 'p50') AS p50_mom_pct,
    anyIf(m.value, metric = 'p90') AS p90,
    anyIf(m.mom_abs, metric = 'p90') AS p90_mom_abs,
    anyIf(m.mom_pct, metric = 'p90') AS p90_mom_pct,
    anyIf(m.value, metric = 'gini') AS gini,
    anyIf(m.mom_abs, metric = 'gini') AS gini_mom_abs,
    anyIf(m.mom_pct, metric = 'gini') AS gini_mom_pct,
    anyIf(m.value, metric = 'top10_share') AS top10_share,
    anyIf(m.mom_abs, metric = 'top10_share') AS top10_share_mom_abs,
    anyIf(m.mom_pct, metric = 'top10_share') AS top10_share_mom_pct
FROM kpi_core.metric_month AS m
WHERE dimension = 'distribution'
GROUP BY month, scope, program_id, org_id, segment, population
COMMENT 'How dollars spread over members: every scope and month';
