-- The members of the programme in the chosen month, the largest balance first. Organisation and segment are those in force now.
SELECT
    month, program_id, member_id, org_id, segment,
    dollars_awarded,
    dollars_redeemed,
    dollars_expired,
    unspent_dollars,
    oldest_unspent_on,
    awarded_to_date,
    redeemed_to_date,
    sessions,
    page_views,
    first_event_on
FROM kpi.member_monthly
WHERE month = toDate32OrNull(${month:singlequote}) AND program_id = ${program:singlequote}
    AND $__conditionalAll(org_id IN (${org:singlequote}), $org)
    AND $__conditionalAll(segment IN (${segment:singlequote}), $segment)
ORDER BY unspent_dollars DESC, member_id
LIMIT 500
