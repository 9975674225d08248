-- The chosen member of the programme over the months; the one with most unspent dollars where none is chosen.
SELECT
    month AS time,
    member_id,
    dollars_awarded,
    dollars_redeemed,
    dollars_expired,
    unspent_dollars
FROM kpi.member_monthly
WHERE program_id = ${program:singlequote}
    AND member_id = if(${member:singlequote} != '', ${member:singlequote},
    (
        SELECT member_id
        FROM kpi.member_monthly
        WHERE month = toDate32OrNull(${month:singlequote}) AND program_id = ${program:singlequote}
            AND $__conditionalAll(org_id IN (${org:singlequote}), $org)
            AND $__conditionalAll(segment IN (${segment:singlequote}), $segment)
        ORDER BY unspent_dollars DESC, member_id
        LIMIT 1
    ))
    AND $__dateFilter(month)
ORDER BY time
