-- Members at the end of consecutive months: the state at the end of the month before, and what happened since. KPI.md
-- section 3, FIFO in closed form: with C the cumulated lots and D the cumulated draws, a lot has min(its dollars,
-- max(0, C - D)) left. What is drawn beyond the lots (an overdraft) is in D, so that the next lots fill it.
INSERT INTO kpi_core.member_month
(
    edition, month, program_id, member_id, org_id, is_part,
    awarded, redeemed, expired, sessions, page_views, session_seconds,
    awarded_to_date, redeemed_to_date, expired_to_date, first_event_on, lots
)
WITH
    {months:Array(Date32)} AS months,
    change AS
    (
        -- The state before: to-date figures count for all months, the overdraft as drawn.
        SELECT
            toDate32('1900-01-01') AS month,
            program_id, member_id, org_id, is_part,
            awarded_to_date AS awarded, redeemed_to_date AS redeemed, expired_to_date AS expired,
            toUInt64(0) AS sessions, toUInt64(0) AS page_views, toDecimal128(0, 6) AS session_seconds,
            first_event_on,
            arraySum(lots.dollars) - (awarded_to_date - redeemed_to_date - expired_to_date) AS drawn,
            lots
        FROM kpi_core.member_month_in(edition = {edition:UInt64}) AS m
        WHERE m.month = addMonths(months[1], -1)
            AND member_id != ''
            -- A member that became known has no parts any more.
            AND (NOT is_part OR (program_id, member_id) NOT IN (SELECT program_id, member_id FROM kpi_core.known_member(edition = {edition:UInt64})))
        UNION ALL
        SELECT
            month, program_id, member_id, part.1 AS org_id, part.2 AS is_part,
            activity.awarded - reversed AS awarded, activity.redeemed - refunded AS redeemed, expired,
            sessions, page_views, session_seconds,
            first_event_on,
            activity.redeemed + expired + reversed AS drawn,
            CAST([], 'Array(Tuple(day Date32, dollars Decimal(38, 4)))') AS lots
        FROM kpi_core.activity_in(edition = {edition:UInt64}) AS activity
        ARRAY JOIN if((program_id, member_id) IN (SELECT program_id, member_id FROM kpi_core.known_member(edition = {edition:UInt64})), [('', 0)], [('', 0), (activity.org_id, 1)]) AS part
        WHERE month IN months
        UNION ALL
        SELECT
            month, program_id, member_id, part.1 AS org_id, part.2 AS is_part,
            toDecimal128(0, 4) AS awarded, toDecimal128(0, 4) AS redeemed, toDecimal128(0, 4) AS expired,
            toUInt64(0) AS sessions, toUInt64(0) AS page_views, toDecimal128(0, 6) AS session_seconds,
            min(day) AS first_event_on,
            toDecimal128(0, 4) AS drawn,
            CAST(groupArray((day, amount_reporting)), 'Array(Tuple(day Date32, dollars Decimal(38, 4)))') AS lots
        FROM kpi_core.entry_in(edition = {edition:UInt64}) AS entry
        ARRAY JOIN if((program_id, member_id) IN (SELECT program_id, member_id FROM kpi_core.known_member(edition = {edition:UInt64})), [('', 0)], [('', 0), (entry.org_id, 1)]) AS part
        WHERE month IN months AND kind IN ('award', 'refund')
        GROUP BY month, program_id, member_id, org_id, is_part
    )
SELECT
    {edition:UInt64},
    at_end_of,
    program_id,
    member_id,
    org_id,
    is_part,
    sumIf(c.awarded, c.month = at_end_of),
    sumIf(c.redeemed, c.month = at_end_of),
    sumIf(c.expired, c.month = at_end_of),
    sumIf(c.sessions, c.month = at_end_of),
    sumIf(c.page_views, c.month = at_end_of),
    sumIf(c.session_seconds, c.month = at_end_of),
    sum(c.awarded),
    sum(c.redeemed),
    sum(c.expired),
    min(c.first_event_on),
    arrayFilter(
        lot -> lot.2 > 0,
        arrayMap(
            (lot, cumulated) -> (lot.1, least(lot.2, greatest(cumulated - total_drawn, toDecimal128(0, 4)))),
            arraySort(groupArrayArray(c.lots)) AS ordered,
            arrayCumSum(ordered.dollars)))
FROM
(
    SELECT
        *,
        -- Anonymous sessions are nobody's state.
        arrayJoin(if(member_id = '', [month], arrayFilter(m -> m >= month, months))) AS at_end_of
    FROM change
) AS c
GROUP BY at_end_of, program_id, member_id, org_id, is_part
HAVING (sum(c.drawn) AS total_drawn) >= 0
SETTINGS max_partitions_per_insert_block = 0;
