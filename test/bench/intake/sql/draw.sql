-- {rows} awards of {members} members in 24 months, drawn by hashing: the same {seed} gives the same awards.
INSERT INTO bench.drawn
WITH
    (salt, below) -> sipHash64(number, salt, {seed:UInt64}) % below AS draw,
    draw('member', {members:UInt64}) AS member,
    toDateTime64('2024-01-01 00:00:00', 3, 'UTC') AS since,
    toDateTime64('2026-01-01 00:00:00', 3, 'UTC') AS until
SELECT
    number AS i,
    concat('AW-', lower(hex(sipHash64(number, 'award', {seed:UInt64})))) AS award_id,
    concat('p', leftPad(toString(1 + member % 20), 2, '0')) AS program_id,
    concat('org-', leftPad(toString(1 + intDiv(member, 20) % 400), 3, '0')) AS org_id,
    concat('M', leftPad(toString(member), 7, '0')) AS member_id,
    CAST(1 + draw('amount', 50000) AS Decimal(18, 2)) / 100 AS amount,
    ['USD', 'EUR', 'GBP'][1 + member % 3] AS currency,
    since + toIntervalMillisecond(draw('time', dateDiff('millisecond', since, until))) AS awarded_at
FROM numbers({rows:UInt64})
