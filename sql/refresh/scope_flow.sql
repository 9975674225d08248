-- What each scope's members did in the months and hold at their ends. KPI.md section 3.
INSERT INTO kpi_core.scope_flow
(
    edition, month, scope, program_id, org_id, segment,
    awarded, redeemed, expired, awarded_to_date, redeemed_to_date, unspent,
    liability_0_30, liability_31_60, liability_61_90, liability_91_180, liability_181_365, liability_365_plus,
    users_awarded, users_redeeming, users_awarded_to_date, users_redeeming_to_date, active_users,
    sessions, member_sessions, page_views, session_seconds, days_to_redeem_p50
)
WITH
    -- Dollars of the lots whose age at the month's last day lies between two numbers of days.
    (lots, last_day, youngest, oldest) -> arraySum(
        lot -> if(dateDiff('day', lot.1, last_day) BETWEEN youngest AND oldest, lot.2, toDecimal128(0, 4)), lots) AS aged,
    flow AS
    (
        SELECT
            month,
            key,
            sum(m.awarded) AS awarded,
            sum(m.redeemed) AS redeemed,
            sum(m.expired) AS expired,
            sum(m.awarded_to_date) AS awarded_to_date,
            sum(m.redeemed_to_date) AS redeemed_to_date,
            sum(m.awarded_to_date - m.redeemed_to_date - m.expired_to_date) AS unspent,
            sum(aged(m.lots, addDays(addMonths(month, 1), -1), 0, 30)) AS liability_0_30,
            sum(aged(m.lots, addDays(addMonths(month, 1), -1), 31, 60)) AS liability_31_60,
            sum(aged(m.lots, addDays(addMonths(month, 1), -1), 61, 90)) AS liability_61_90,
            sum(aged(m.lots, addDays(addMonths(month, 1), -1), 91, 180)) AS liability_91_180,
            sum(aged(m.lots, addDays(addMonths(month, 1), -1), 181, 365)) AS liability_181_365,
            sum(aged(m.lots, addDays(addMonths(month, 1), -1), 366, 1000000)) AS liability_365_plus,
            countIf(m.awarded > 0) AS users_awarded,
            countIf(m.redeemed > 0) AS users_redeeming,
            countIf(m.awarded_to_date > 0) AS users_awarded_to_date,
            countIf(m.redeemed_to_date > 0) AS users_redeeming_to_date,
            countIf(m.sessions > 0 AND member_id != '') AS active_users,
            sum(m.sessions) AS sessions,
            sumIf(m.sessions, member_id != '') AS member_sessions,
            sum(m.page_views) AS page_views,
            sum(m.session_seconds) AS session_seconds
        FROM kpi_core.scope_member_month(edition = {edition:UInt64}) AS m
        WHERE month IN {months:Array(Date32)}
        GROUP BY month, key
    ),
    -- Dollars redeemed in the scope, by days since they were awarded.
    redeemed AS
    (
        SELECT month, key, days, sum(l.dollars) AS dollars
        FROM
        (
            SELECT
                r.month AS month, r.days AS days, r.dollars AS dollars,
                arrayJoin(multiIf(
                    r.is_part AND (k.is_known = 1 OR r.org_id = ''), [],
                    r.is_part, [('organisation', r.program_id, r.org_id, '')],
                    arrayConcat(
                        [('portfolio', '', '', ''), ('program', r.program_id, '', '')],
                        if(k.org_id = '', [], [('organisation', r.program_id, k.org_id, '')]),
                        if(k.segment = '', [], [('segment', r.program_id, '', k.segment)])))) AS key
            FROM kpi_core.redeemed_lot_in(edition = {edition:UInt64}) AS r
            LEFT JOIN kpi_core.known_member(edition = {edition:UInt64}) AS k ON r.program_id = k.program_id AND r.member_id = k.member_id
            WHERE r.month IN {months:Array(Date32)}
        ) AS l
        GROUP BY month, key, days
    ),
    -- The least number of days that at least half of the dollars reach.
    waited AS
    (
        SELECT month, key, toNullable(arrayFirst((d, reached) -> 2 * reached >= total, by_days.1, arrayCumSum(by_days.2))) AS days
        FROM
        (
            SELECT month, key, arraySort(groupArray((days, r.dollars))) AS by_days, sum(r.dollars) AS total
            FROM redeemed AS r
            GROUP BY month, key
        )
    )
SELECT
    {edition:UInt64},
    f.month, f.key.1, f.key.2, f.key.3, f.key.4,
    f.awarded, f.redeemed, f.expired, f.awarded_to_date, f.redeemed_to_date, f.unspent,
    f.liability_0_30, f.liability_31_60, f.liability_61_90, f.liability_91_180, f.liability_181_365, f.liability_365_plus,
    f.users_awarded, f.users_redeeming, f.users_awarded_to_date, f.users_redeeming_to_date, f.active_users,
    f.sessions, f.member_sessions, f.page_views, f.session_seconds, w.days
FROM flow AS f
LEFT JOIN waited AS w ON f.month = w.month AND f.key = w.key
SETTINGS max_partitions_per_insert_block = 0;
