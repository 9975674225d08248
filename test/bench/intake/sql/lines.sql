-- What was drawn, in its order, for those who cut it into pieces.
SELECT award_id, program_id, org_id, member_id, amount, currency, awarded_at
FROM bench.drawn
ORDER BY i
