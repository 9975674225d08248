-- Which members were awarded, but never came back?
-- Awarded at least once, never redeemed, and no portal session in the last six months: a list for a campaign, the largest
-- balance first. last_awarded_in is NULL where that was longer ago.
SELECT
    program_id,
    member_id,
    any(m.org_id) AS org_id,
    any(m.segment) AS segment,
    argMax(m.unspent_dollars, month) AS unspent_dollars,
    maxOrNullIf(month, m.dollars_awarded > 0) AS last_awarded_in,
    sum(m.sessions) AS sessions_of_six_months
FROM kpi.member_monthly AS m
WHERE month > addMonths((SELECT month FROM kpi.months WHERE is_newest), -6)
GROUP BY program_id, member_id
HAVING max(m.awarded_to_date) > 0 AND max(m.redeemed_to_date) = 0 AND sessions_of_six_months = 0
ORDER BY unspent_dollars DESC, program_id, member_id
LIMIT 50;
