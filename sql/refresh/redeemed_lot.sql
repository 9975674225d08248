-- Which lots paid for the redemptions of consecutive months. KPI.md section 3, FIFO.
-- Lots and draws of a member, in their order, stand along two scales of cumulated dollars. Every end of one cuts the
-- scale; the piece before it is paid by the first lot, and taken by the first draw, that reaches it. A piece whose draw
-- came before its lot is an overdraft.
INSERT INTO kpi_core.redeemed_lot (edition, month, program_id, member_id, org_id, is_part, days, dollars)
WITH
    {months:Array(Date32)} AS months,
    redeeming AS
    (
        SELECT DISTINCT program_id, member_id
        FROM kpi_core.entry_in(edition = {edition:UInt64})
        WHERE month IN months AND kind = 'redemption'
    ),
    posted AS
    (
        SELECT
            month, program_id, member_id, part.1 AS org_id, part.2 AS is_part,
            -- The order at the same instant.
            at, transform(kind, ['award', 'refund', 'reversal', 'expiry', 'redemption'], [0, 1, 2, 3, 4], 5) AS rank, event_id,
            kind IN ('award', 'refund') AS is_lot, kind = 'redemption' AS is_redemption, day, amount_reporting AS dollars
        FROM kpi_core.entry_in(edition = {edition:UInt64}) AS entry
        ARRAY JOIN if((program_id, member_id) IN (SELECT program_id, member_id FROM kpi_core.known_member(edition = {edition:UInt64})), [('', 0)], [('', 0), (entry.org_id, 1)]) AS part
        WHERE month IN months AND amount_reporting > 0
            AND (program_id, member_id) IN (SELECT program_id, member_id FROM redeeming)
    ),
    held AS
    (
        SELECT program_id, member_id, org_id, is_part, lots, arraySum(lots.dollars) - (awarded_to_date - redeemed_to_date - expired_to_date) AS overdraft
        FROM kpi_core.member_month_in(edition = {edition:UInt64})
        WHERE month = addMonths(months[1], -1) AND (program_id, member_id) IN (SELECT program_id, member_id FROM redeeming)
    ),
    line AS
    (
        SELECT * FROM posted
        UNION ALL
        SELECT
            toDate32('1900-01-01') AS month, program_id, member_id, org_id, is_part,
            toDateTime64('1900-01-01 00:00:00', 6, 'UTC') AS at, lot.1 AS rank, '' AS event_id, 1 AS is_lot, 0 AS is_redemption, lot.2 AS day, lot.3 AS dollars
        FROM held
        ARRAY JOIN arrayMap((l, n) -> (n, l.1, l.2), lots, arrayEnumerate(lots)) AS lot
        UNION ALL
        SELECT
            toDate32('1900-01-01') AS month, program_id, member_id, org_id, is_part,
            toDateTime64('1900-01-01 00:00:00', 6, 'UTC') AS at, 0 AS rank, '' AS event_id, 0 AS is_lot, 0 AS is_redemption, toDate32('1900-01-01') AS day, overdraft AS dollars
        FROM held
        WHERE overdraft > 0
    ),
    placed AS
    (
        SELECT
            month, program_id, member_id, org_id, is_part, is_lot, is_redemption, day,
            row_number() OVER ledger AS place,
            if(is_lot, sum(if(is_lot, dollars, 0)) OVER ledger, sum(if(is_lot, 0, dollars)) OVER ledger) AS reach
        FROM line
        WINDOW ledger AS (PARTITION BY program_id, member_id, org_id, is_part ORDER BY at, rank, event_id ROWS UNBOUNDED PRECEDING)
    ),
    piece AS
    (
        SELECT
            program_id, member_id, org_id, is_part,
            reach - lagInFrame(reach, 1, toDecimal128(0, 4)) OVER upwards AS dollars,
            last_value(if(is_lot, place, NULL)) IGNORE NULLS OVER downwards          AS lot,
            last_value(if(is_lot, day, NULL)) IGNORE NULLS OVER downwards            AS lot_day,
            last_value(if(is_lot, NULL, place)) IGNORE NULLS OVER downwards          AS draw,
            last_value(if(is_lot, NULL, day)) IGNORE NULLS OVER downwards            AS draw_day,
            last_value(if(is_lot, NULL, month)) IGNORE NULLS OVER downwards          AS draw_month,
            last_value(if(is_lot, NULL, is_redemption)) IGNORE NULLS OVER downwards  AS is_redeemed
        FROM placed
        WINDOW
            upwards AS (PARTITION BY program_id, member_id, org_id, is_part ORDER BY reach, is_lot, place ROWS BETWEEN 1 PRECEDING AND CURRENT ROW),
            downwards AS (PARTITION BY program_id, member_id, org_id, is_part ORDER BY reach DESC, is_lot DESC, place DESC ROWS UNBOUNDED PRECEDING)
    )
SELECT
    {edition:UInt64},
    assumeNotNull(draw_month) AS redeemed_in,
    program_id,
    member_id,
    org_id,
    is_part,
    toInt32(dateDiff('day', assumeNotNull(lot_day), assumeNotNull(draw_day))) AS days,
    sum(p.dollars)
FROM piece AS p
WHERE p.dollars > 0 AND is_redeemed = 1 AND lot < draw
GROUP BY redeemed_in, program_id, member_id, org_id, is_part, days
SETTINGS max_partitions_per_insert_block = 0;
