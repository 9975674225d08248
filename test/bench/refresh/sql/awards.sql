-- Awards number {first} to {first} + {rows}, of {total} in the history, spread evenly from {from} to {to}.
SELECT
    program_of(m)          AS program_id,
    id_of('A', i)          AS award_id,
    org_of(m)              AS org_id,
    member_name(m)         AS member_id,
    kind_of(i)             AS kind,
    amount_of(cents_of(i)) AS amount,
    'USD'                  AS currency,
    at                     AS awarded_at,
    toUInt64(toUnixTimestamp64Micro(at)) AS version,
    toUInt8(0)             AS is_deleted,
    i - {first:UInt64} + 1 AS source_row
FROM
(
    SELECT
        number AS i,
        member_at(number, 'award', number / {total:UInt64}) AS m,
        {from:DateTime64(6, 'UTC')} + toIntervalMicrosecond(toUInt64(
            dateDiff('microsecond', {from:DateTime64(6, 'UTC')}, {to:DateTime64(6, 'UTC')}) * ((number - {first:UInt64} + share(number, 'time')) / {rows:UInt64}))) AS at
    FROM numbers({first:UInt64}, {rows:UInt64})
)
