-- Members, dollars and liability side by side in the chosen month, with how the dollars awarded are spread; the largest
-- liability first.
SELECT
    f.month AS month, f.scope AS scope, f.program_id AS program_id, f.org_id AS org_id, f.segment AS segment,
    f.total_users AS total_users,
    f.total_users_mom_pct AS total_users_mom_pct,
    f.dollars_awarded AS dollars_awarded,
    f.dollars_awarded_mom_pct AS dollars_awarded_mom_pct,
    f.dollars_redeemed AS dollars_redeemed,
    f.dollars_redeemed_mom_pct AS dollars_redeemed_mom_pct,
    f.unspent_dollars AS unspent_dollars,
    f.unspent_dollars_mom_pct AS unspent_dollars_mom_pct,
    f.funding_utilisation AS funding_utilisation,
    f.redemption_velocity AS redemption_velocity,
    d.gini AS awarded_gini,
    d.top10_share AS awarded_top10_share
FROM
(
    SELECT *
    FROM kpi.financial_monthly
    WHERE {scope:Condition} AND month = toDate32OrNull(${month:singlequote})
) AS f
LEFT JOIN
(
    SELECT scope, program_id, org_id, segment, gini, top10_share
    FROM kpi.distribution_monthly
    WHERE {scope:Condition} AND month = toDate32OrNull(${month:singlequote}) AND population = 'awarded'
) AS d USING (scope, program_id, org_id, segment)
ORDER BY unspent_dollars DESC, program_id, org_id, segment
LIMIT 500
