-- The members of a programme, an organisation or a segment.
SELECT
    uniqExact(member_id) AS members,
    uniqExactIf(member_id, dollars_awarded > 0) AS were_awarded,
    uniqExactIf(member_id, dollars_redeemed > 0) AS redeemed,
    uniqExactIf(member_id, sessions > 0) AS were_active,
    uniqExactIf(member_id, unspent_dollars > 0) AS with_unspent_dollars,
    sum(unspent_dollars) AS unspent_of_all
FROM kpi.member_monthly
WHERE month = {month:Date32} AND program_id = {program:String} AND {org:String} IN ('', org_id) AND {segment:String} IN ('', segment)
