-- The same of the facts: see truth.sql.
SELECT
    count(),
    toString(sum(amount)),
    uniqExact(program_id, member_id),
    sum(sipHash64(program_id, award_id, org_id, member_id, toString(amount), toString(currency), toUnixTimestamp64Micro(awarded_at)))
FROM warehouse.awards FINAL
WHERE kind = 'award'
