-- What became of the awards that awards.sql makes of the same parameters: the larger three fifths are redeemed almost in
-- full, most of them within 90 days, before {end}. So every member always has open lots, and hardly anyone an overdraft.
-- One redemption in a hundred is refunded in part three days later.
SELECT
    program_of(m)      AS program_id,
    concat(id_of('R', i), if(kind = 'refund', '-refund', '')) AS redemption_id,
    org_of(m)          AS org_id,
    member_name(m)     AS member_id,
    kind,
    amount_of(intDiv(cents_of(i) * (90 + cityHash64(i, 'part') % 11), if(kind = 'refund', 300, 100))) AS amount,
    'USD'              AS currency,
    ['travel', 'goods', 'vouchers', 'charity'][1 + cityHash64(i, 'category') % 4] AS category,
    if(kind = 'refund', at + INTERVAL 3 DAY, at) AS redeemed_at,
    toUInt64(toUnixTimestamp64Micro(redeemed_at)) AS version,
    toUInt8(0)         AS is_deleted,
    2 * (i - {first:UInt64}) + if(kind = 'refund', 2, 1) AS source_row
FROM
(
    SELECT
        number AS i,
        member_at(number, 'award', number / {total:UInt64}) AS m,
        arrayJoin(if(cityHash64(number, 'refund') % 100 = 0, ['redemption', 'refund'], ['redemption'])) AS kind,
        {from:DateTime64(6, 'UTC')}
            + toIntervalMicrosecond(toUInt64(
                dateDiff('microsecond', {from:DateTime64(6, 'UTC')}, {to:DateTime64(6, 'UTC')}) * ((number - {first:UInt64} + share(number, 'time')) / {rows:UInt64})))
            + toIntervalSecond(toUInt64(86400 * if(share(number, 'slow') < 0.08, 90 + 310 * share(number, 'delay'), 90 * pow(share(number, 'delay'), 2)))) AS at
    FROM numbers({first:UInt64}, {rows:UInt64})
    WHERE kind_of(number) = 'award' AND share(number, 'amount') > 0.4
)
WHERE redeemed_at < {end:DateTime64(6, 'UTC')}
