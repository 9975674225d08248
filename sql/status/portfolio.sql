-- The portfolio's last months.
SELECT
    f.month, total_users, total_organisations, dollars_awarded, dollars_redeemed, unspent_dollars, unspent_dollars_mom_pct, users_awarded, users_redeeming, activation_rate, active_users, sessions
FROM kpi.portfolio_financial_monthly AS f
INNER JOIN kpi.portfolio_engagement_monthly AS e ON f.month = e.month
ORDER BY f.month DESC
LIMIT {limit:UInt32};
