-- The chosen member in the chosen month; the one with most unspent dollars where none is chosen.
SELECT
    month, program_id, member_id, org_id, segment,
    unspent_dollars,
    oldest_unspent_on,
    awarded_to_date,
    redeemed_to_date,
    sessions,
    first_event_on
FROM kpi.member_monthly
WHERE month = toDate32OrNull(${month:singlequote}) AND program_id = ${program:singlequote}
    AND (${member:singlequote} = '' OR member_id = ${member:singlequote})
    AND (${member:singlequote} != '' OR $__conditionalAll(org_id IN (${org:singlequote}), $org))
    AND (${member:singlequote} != '' OR $__conditionalAll(segment IN (${segment:singlequote}), $segment))
ORDER BY unspent_dollars DESC, member_id
LIMIT 1
