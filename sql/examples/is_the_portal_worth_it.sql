-- Do members who use the portal redeem more?
-- The newest complete month, by programme: redeemed per dollar ever awarded, of members with and without a session in it.
SELECT
    program_id,
    countIf(m.sessions > 0) AS active_members,
    countIf(m.sessions = 0) AS other_members,
    round(sumIf(m.redeemed_to_date, m.sessions > 0) / nullIf(sumIf(m.awarded_to_date, m.sessions > 0), 0), 4) AS redeemed_by_active,
    round(sumIf(m.redeemed_to_date, m.sessions = 0) / nullIf(sumIf(m.awarded_to_date, m.sessions = 0), 0), 4) AS redeemed_by_others
FROM kpi.member_monthly AS m
WHERE month = (SELECT month FROM kpi.months WHERE is_newest)
GROUP BY program_id
ORDER BY program_id;
