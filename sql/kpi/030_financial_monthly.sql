-- Members, organisations and dollars, and the liability: one row a scope and month, one column a metric. NULL: a ratio without a denominator, or no month before.
CREATE OR REPLACE VIEW kpi.financial_monthly
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT
    month,
    scope,
    program_id,
    org_id,
    segment,
    CAST(assumeNotNull(anyIf(m.value, metric = 'total_users')) AS UInt64) AS total_users,
    anyIf(m.mom_abs, metric = 'total_users') AS total_users_mom_abs,
    anyIf(m.mom_pct, metric = 'total_users') AS total_users_mom_pct,
    CAST(assumeNotNull(anyIf(m.value, metric = 'total_organisations')) AS UInt64) AS total_organisations,
    anyIf(m.mom_abs, metric = 'total_organisations') AS total_organisations_mom_abs,
    anyIf(m.mom_pct, metric = 'total_organisations') AS total_organisations_mom_pct,
    CAST(assumeNotNull(anyIf(m.value, metric = 'dollars_awarded')) AS Decimal(38, 4)) AS dollars_awarded,
    anyIf(m.mom_abs, metric = 'dollars_awarded') AS dollars_awarded_mom_abs,
    anyIf(m.mom_pct, metric = 'dollars_awarded') AS dollars_awarded_mom_pct,
    CAST(assumeNotNull(anyIf(m.value, metric = 'dollars_redeemed')) AS Decimal(38, 4)) AS dollars_redeemed,
    anyIf(m.mom_abs, metric = 'dollars_redeemed') AS dollars_redeemed_mom_abs,
    anyIf(m.mom_pct, metric = 'dollars_redeemed') AS dollars_redeemed_mom_pct,
    CAST(assumeNotNull(anyIf(m.value, metric = 'unspent_dollars')) AS Decimal(38, 4)) AS unspent_dollars,
    anyIf(m.mom_abs, metric = 'unspent_dollars') AS unspent_dollars_mom_abs,
    anyIf(m.mom_pct, metric = 'unspent_dollars') AS unspent_dollars_mom_pct
FROM kpi_core.metric_month AS m
WHERE dimension = 'financial'
GROUP BY month, scope, program_id, org_id, segment
COMMENT 'Members, organisations and dollars, and the liability: every scope and month';
