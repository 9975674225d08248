-- Put in front of the other files: how members, programmes and amounts follow from numbers. Everything is drawn by
-- hashing, so the same sizes give the same warehouse.
--   {members} all members; half of them are active at any time
--   {random_ids} 1 for ids without order, as of sources that name events by UUIDs
WITH
    -- A number from 0 up to, but not including, 1.
    (i, salt) -> (cityHash64(i, salt) % 1000003) / 1000003 AS share,
    -- Who does something at a place of the history, from 0 to 1: the active ones move on, from the first half to the second.
    (i, salt, place) -> toUInt64({members:UInt64} / 2 * (least(place, 1) + share(i, salt))) AS member_at,
    m -> concat('M', leftPad(toString(m), 7, '0')) AS member_name,
    -- Ten programmes, the first with a fifth of the members.
    m -> concat('p', leftPad(toString(1 + toUInt8(10 * pow(share(m, 'program'), 1.5))), 2, '0')) AS program_of,
    -- 20 organisations and 4 segments in each.
    m -> concat('org-', leftPad(toString(1 + toUInt8(20 * share(m, 'organisation'))), 2, '0')) AS org_of,
    m -> ['bronze', 'silver', 'gold', 'platinum'][1 + toUInt8(4 * pow(share(m, 'segment'), 2))] AS segment_of,
    (prefix, i) -> if({random_ids:UInt8} = 1, hex(cityHash64(i, prefix)), concat(prefix, leftPad(toString(i), 10, '0'))) AS id_of,
    -- One award in a hundred is a reversal, two are expiries.
    i -> multiIf(cityHash64(i, 'kind') % 100 = 0, 'reversal', cityHash64(i, 'kind') % 100 < 3, 'expiry', 'award') AS kind_of,
    -- From 1.00 to 148.41, the median 12.18; reversals and expiries up to 7.39.
    i -> toUInt64(100 * exp(if(kind_of(i) = 'award', 5, 2) * share(i, 'amount'))) AS cents_of,
    cents -> CAST(cents AS Decimal(18, 4)) / 100 AS amount_of
