-- What each member did in the months: entries, sessions, and page views, which on their own only mention their member.
INSERT INTO kpi_core.activity
(
    edition, month, program_id, member_id, org_id,
    awarded, reversed, expired, redeemed, refunded, sessions, page_views, session_seconds, first_event_on, last_event_at
)
WITH (SELECT timezone FROM kpi_core.settings) AS zone
SELECT
    {edition:UInt64},
    makeDate32(toYear(d.day), toMonth(d.day), 1) AS event_month,
    program_id,
    member_id,
    org_id,
    sumIf(amount, kind = 'award'),
    sumIf(amount, kind = 'reversal'),
    sumIf(amount, kind = 'expiry'),
    sumIf(amount, kind = 'redemption'),
    sumIf(amount, kind = 'refund'),
    sum(d.sessions),
    sum(d.page_views),
    sum(d.seconds),
    min(d.day),
    max(d.at)
FROM
(
    SELECT at, day, program_id, member_id, org_id, kind, amount_reporting AS amount, 0 AS sessions, 0 AS page_views, toDecimal128(0, 6) AS seconds
    FROM kpi_core.entry_in(edition = {edition:UInt64})
    WHERE month IN {months:Array(Date32)}
    UNION ALL
    SELECT started_at AS at, toDate32(toTimeZone(started_at, zone)) AS day, program_id, member_id, org_id, 'session' AS kind, toDecimal128(0, 4) AS amount, 1 AS sessions, page_views, CAST(duration_s AS Decimal(38, 6)) AS seconds
    FROM warehouse.portal_sessions FINAL
    WHERE started_at >= {since:DateTime64(6, 'UTC')} AND started_at < {until:DateTime64(6, 'UTC')}
    UNION ALL
    SELECT started_at AS at, toDate32(toTimeZone(started_at, zone)) AS day, program_id, member_id, '' AS org_id, 'session' AS kind, toDecimal128(0, 4) AS amount, 1 AS sessions, page_views,
        CAST(dateDiff('microsecond', started_at, ended_at) AS Decimal(38, 6)) / 1000000 AS seconds
    FROM kpi_core.event_session_in(edition = {edition:UInt64})
    WHERE month IN {months:Array(Date32)}
    UNION ALL
    SELECT occurred_at AS at, toDate32(toTimeZone(occurred_at, zone)) AS day, program_id, member_id, '' AS org_id, 'page view' AS kind, toDecimal128(0, 4) AS amount, 0 AS sessions, 0 AS page_views, toDecimal128(0, 6) AS seconds
    FROM warehouse.portal_events FINAL
    WHERE occurred_at >= {since:DateTime64(6, 'UTC')} AND occurred_at < {until:DateTime64(6, 'UTC')}
) AS d
WHERE event_month IN {months:Array(Date32)}
GROUP BY event_month, program_id, member_id, org_id
SETTINGS max_partitions_per_insert_block = 0;
