-- Who was awarded, redeemed and used the portal: one row a scope and month, one column a metric. NULL: a ratio without a denominator, or no month before.
CREATE OR REPLACE VIEW kpi.engagement_monthly
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT
    month,
    scope,
    program_id,
    org_id,
    segment,
    CAST(assumeNotNull(anyIf(m.value, metric = 'users_awarded')) AS UInt64) AS users_awarded,
    anyIf(m.mom_abs, metric = 'users_awarded') AS users_awarded_mom_abs,
    anyIf(m.mom_pct, metric = 'users_awarded') AS users_awarded_mom_pct,
    CAST(assumeNotNull(anyIf(m.value, metric = 'users_redeeming')) AS UInt64) AS users_redeeming,
    anyIf(m.mom_abs, metric = 'users_redeeming') AS users_redeeming_mom_abs,
    anyIf(m.mom_pct, metric = 'users_redeeming') AS users_redeeming_mom_pct,
    anyIf(m.value, metric = 'activation_rate') AS activation_rate,
    anyIf(m.mom_abs, metric = 'activation_rate') AS activation_rate_mom_abs,
    anyIf(m.mom_pct, metric = 'activation_rate') AS activation_rate_mom_pct,
    CAST(assumeNotNull(anyIf(m.value, metric = 'active_users')) AS UInt64) AS active_users,
    anyIf(m.mom_abs, metric = 'active_users') AS active_users_mom_abs,
    anyIf(m.mom_pct, metric = 'active_users') AS active_users_mom_pct,
    CAST(assumeNotNull(anyIf(m.value, metric = 'sessions')) AS UInt64) AS sessions,
    anyIf(m.mom_abs, metric = 'sessions') AS sessions_mom_abs,
    anyIf(m.mom_pct, metric = 'sessions') AS sessions_mom_pct
FROM kpi_core.metric_month AS m
WHERE dimension = 'engagement'
GROUP BY month, scope, program_id, org_id, segment
COMMENT 'Who was awarded, redeemed and used the portal: every scope and month';
