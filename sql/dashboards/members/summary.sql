-- How many members there are in the choice, what they have, and how many of them did something in the chosen month.
SELECT
    count() AS members,
    countIf(m.dollars_awarded > 0) AS were_awarded,
    countIf(m.dollars_redeemed > 0) AS redeemed,
    countIf(m.sessions > 0) AS were_active,
    countIf(m.unspent_dollars > 0) AS with_unspent_dollars,
    sum(m.unspent_dollars) AS unspent_of_all
FROM kpi.member_monthly AS m
WHERE month = toDate32OrNull(${month:singlequote}) AND program_id = ${program:singlequote}
    AND $__conditionalAll(org_id IN (${org:singlequote}), $org)
    AND $__conditionalAll(segment IN (${segment:singlequote}), $segment)
