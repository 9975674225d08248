-- How unevenly dollars are spread in each programme, the most uneven first.
SELECT
    month, program_id,
    anyIf(d.users, population = 'awarded') AS awarded_users,
    anyIf(d.gini, population = 'awarded') AS awarded_gini,
    anyIf(d.gini_mom_pct, population = 'awarded') AS awarded_gini_mom_pct,
    anyIf(d.top10_share, population = 'awarded') AS awarded_top10_share,
    anyIf(d.top10_share_mom_pct, population = 'awarded') AS awarded_top10_share_mom_pct,
    anyIf(d.hhi, population = 'awarded') AS awarded_hhi,
    anyIf(d.users, population = 'unspent') AS unspent_users,
    anyIf(d.gini, population = 'unspent') AS unspent_gini,
    anyIf(d.top10_share, population = 'unspent') AS unspent_top10_share,
    anyIf(d.hhi, population = 'unspent') AS unspent_hhi
FROM kpi.program_distribution_monthly AS d
WHERE month = toDate32OrNull(${month:singlequote})
GROUP BY month, program_id
ORDER BY awarded_gini DESC NULLS LAST, program_id
