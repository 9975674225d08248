-- Sessions number {first} to {first} + {rows}, of {total} in the history, spread evenly from {from} to {to}. One in eight
-- is anonymous.
SELECT
    program_of(m)                AS program_id,
    id_of('S', i)                AS session_id,
    org_of(m)                    AS org_id,
    if(cityHash64(i, 'anonymous') % 8 = 0, '', member_name(m)) AS member_id,
    at                           AS started_at,
    CAST(10 + cityHash64(i, 'seconds') % 900 AS Decimal(18, 6)) AS duration_s,
    1 + cityHash64(i, 'pages') % 12 AS page_views,
    ['phone', 'desktop', 'tablet'][1 + cityHash64(i, 'device') % 3] AS device,
    toUInt64(toUnixTimestamp64Micro(at)) AS version,
    toUInt8(0)                   AS is_deleted,
    i - {first:UInt64} + 1       AS source_row
FROM
(
    SELECT
        number AS i,
        member_at(number, 'session', number / {total:UInt64}) AS m,
        {from:DateTime64(6, 'UTC')} + toIntervalMicrosecond(toUInt64(
            dateDiff('microsecond', {from:DateTime64(6, 'UTC')}, {to:DateTime64(6, 'UTC')}) * ((number - {first:UInt64} + share(number, 'session time')) / {rows:UInt64}))) AS at
    FROM numbers({first:UInt64}, {rows:UInt64})
)
