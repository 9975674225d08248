-- What was drawn: rows, amount, members, and a sum over a hash of every row, which no changed cell leaves as it is.
SELECT
    count(),
    toString(sum(amount)),
    uniqExact(program_id, member_id),
    sum(sipHash64(program_id, award_id, org_id, member_id, toString(toDecimal64(amount, 4)), currency, toUnixTimestamp64Micro(toDateTime64(awarded_at, 6, 'UTC'))))
FROM bench.drawn
