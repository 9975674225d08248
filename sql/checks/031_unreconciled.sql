-- Figures of kpi.metric_monthly that are not what the facts give, per scope and month. The facts are summed up here by SQL
-- that shares nothing with that of the figures: straight from the facts, with balances cumulated over all of a member's
-- entries instead of carried from month to month.
CREATE OR REPLACE VIEW kpi.unreconciled
(
    month      Date32 COMMENT 'First day of the month, in the reporting zone',
    scope      String COMMENT 'portfolio, program, organisation or segment',
    program_id String COMMENT 'Programme; empty for the portfolio',
    org_id     String COMMENT 'Organisation, of scope organisation; else empty',
    segment    String COMMENT 'Segment, of scope segment; else empty',
    population String COMMENT 'Of dimension distribution: awarded or unspent; else empty',
    metric     String COMMENT 'Id in the metric catalogue; liability: the sum of its six buckets',
    kpi        Nullable(Decimal(38, 4)) COMMENT 'What readers see; NULL: the figure is missing',
    facts      Decimal(38, 4) COMMENT 'What the facts give',
    difference Nullable(Decimal(38, 4)) COMMENT 'kpi less facts'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
WITH
    assumeNotNull((SELECT timezone FROM kpi_core.settings)) AS zone,
    -- Where what a member does counts, by the member's own row or else by the event's organisation.
    (known, program, own_org, own_segment, event_org) -> arrayFilter(
        key -> key.1 != '',
        [
            ('portfolio', '', '', ''),
            ('program', program, '', ''),
            if(if(known = 1, own_org, event_org) = '', ('', '', '', ''), ('organisation', program, if(known = 1, own_org, event_org), '')),
            if(known = 1 AND own_segment != '', ('segment', program, '', own_segment), ('', '', '', ''))
        ]) AS scopes,
    member AS
    (
        SELECT program_id, member_id, org_id, segment, joined_on, left_on, 1 AS known
        FROM warehouse.members FINAL
    ),
    entry AS
    (
        SELECT
            key, e.month AS month, e.program_id AS program_id, e.member_id AS member_id,
            sumIf(amount_reporting, kind = 'award') - sumIf(amount_reporting, kind = 'reversal')    AS awarded,
            sumIf(amount_reporting, kind = 'redemption') - sumIf(amount_reporting, kind = 'refund') AS redeemed,
            sumIf(amount_reporting, kind = 'expiry')                                                AS expired
        FROM kpi_core.check_entry AS e
        LEFT JOIN member AS m ON e.program_id = m.program_id AND e.member_id = m.member_id
        ARRAY JOIN scopes(m.known, e.program_id, m.org_id, m.segment, e.org_id) AS key
        WHERE rated
        GROUP BY key, month, program_id, member_id
    ),
    session AS
    (
        SELECT key, makeDate32(toYear(day), toMonth(day), 1) AS month, count() AS sessions, uniqExactIf((s.program_id, s.member_id), s.member_id != '') AS active_users
        FROM kpi_core.check_session AS s
        LEFT JOIN member AS m ON s.program_id = m.program_id AND s.member_id = m.member_id
        ARRAY JOIN scopes(m.known, s.program_id, m.org_id, m.segment, s.org_id) AS key
        GROUP BY key, month
    ),
    -- All that mentions a member or an organisation.
    event AS
    (
        SELECT program_id, member_id, org_id, day FROM kpi_core.check_entry WHERE rated
        UNION ALL
        SELECT program_id, member_id, org_id, day FROM kpi_core.check_session
        UNION ALL
        SELECT program_id, member_id, '' AS org_id, toDate32(toTimeZone(occurred_at, zone)) AS day FROM warehouse.portal_events FINAL
    ),
    (SELECT if(count() = 0, toDate32('1900-01-01'), makeDate32(toYear(max(day)), toMonth(max(day)), 1)) FROM event) AS newest,
    seen AS
    (
        SELECT key, e.program_id AS program_id, e.member_id AS member_id, any(m.known) AS known, min(day) AS first_on
        FROM event AS e
        LEFT JOIN member AS m ON e.program_id = m.program_id AND e.member_id = m.member_id
        ARRAY JOIN scopes(m.known, e.program_id, m.org_id, m.segment, e.org_id) AS key
        GROUP BY key, program_id, member_id
    ),
    -- A stay of a member in a scope; who leaves on or before the day of joining is never there, but has joined.
    stay AS
    (
        SELECT key, assumeNotNull(joined_on) AS joined, left_on AS gone
        FROM member
        ARRAY JOIN scopes(known, program_id, org_id, segment, '') AS key
        WHERE joined_on IS NOT NULL
        UNION ALL
        SELECT key, first_on AS joined, NULL AS gone
        FROM seen
        WHERE known = 0 AND member_id != ''
    ),
    running AS
    (
        SELECT
            *,
            sum(awarded - redeemed - expired) OVER (PARTITION BY key, program_id, member_id ORDER BY month) AS balance,
            balance - (awarded - redeemed - expired) AS balance_before
        FROM entry
    ),
    -- What each month adds, one column a figure.
    part AS
    (
        SELECT
            key, month,
            sum(r.awarded) AS awarded, sum(r.redeemed) AS redeemed, sum(r.expired) AS expired,
            countIf(r.awarded > 0) AS users_awarded, countIf(r.redeemed > 0) AS users_redeeming, greatest(max(r.awarded), 0) AS most_awarded,
            sum(toInt64(balance > 0) - toInt64(balance_before > 0)) AS holders,
            sum(greatest(balance, 0) - greatest(balance_before, 0)) AS held,
            0 AS sessions, 0 AS active_users, 0 AS users, 0 AS joins
        FROM running AS r
        GROUP BY key, month
        UNION ALL
        SELECT key, month, 0, 0, 0, 0, 0, 0, 0, 0, sessions, active_users, 0, 0
        FROM session
        UNION ALL
        SELECT key, makeDate32(toYear(day), toMonth(day), 1) AS month, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, change.2, change.3
        FROM stay
        ARRAY JOIN arrayFilter(c -> c.1 IS NOT NULL, [(toNullable(joined), toInt64(ifNull(gone > joined, 1)), 1), (if(gone > joined, gone, NULL), toInt64(-1), 0)]) AS change
        ARRAY JOIN [assumeNotNull(change.1)] AS day
        UNION ALL
        -- From a scope's first event or join of a member to the newest month, no month is missing.
        SELECT key, arrayJoin(arrayMap(n -> addMonths(first, n), range(toUInt64(greatest(dateDiff('month', first, newest) + 1, 0))))) AS month, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
        FROM
        (
            SELECT key, makeDate32(toYear(min(day)), toMonth(min(day)), 1) AS first
            FROM (SELECT key, first_on AS day FROM seen UNION ALL SELECT key, joined AS day FROM stay)
            GROUP BY key
        )
    ),
    summed AS
    (
        SELECT
            key, month,
            sum(p.awarded) AS awarded, sum(p.redeemed) AS redeemed, sum(p.expired) AS expired,
            sum(p.users_awarded) AS users_awarded, sum(p.users_redeeming) AS users_redeeming, max(p.most_awarded) AS most_awarded,
            sum(p.sessions) AS sessions, sum(p.active_users) AS active_users, sum(p.joins) AS joins,
            sum(awarded - redeemed - expired) OVER to_date AS unspent,
            sum(sum(p.holders)) OVER to_date AS holders,
            sum(sum(p.held)) OVER to_date AS held,
            sum(sum(p.users)) OVER to_date AS users
        FROM part AS p
        WHERE month <= newest
        GROUP BY key, month
        WINDOW to_date AS (PARTITION BY key ORDER BY month)
    ),
    figure AS
    (
        SELECT
            key, month, figure.1 AS population, figure.2 AS metric, CAST(figure.3 AS Nullable(Decimal(38, 12))) AS value, 'facts' AS origin
        FROM summed AS s
        ARRAY JOIN
        [
            ('', 'dollars_awarded', CAST(s.awarded AS Decimal(38, 4))),
            ('', 'dollars_redeemed', CAST(s.redeemed AS Decimal(38, 4))),
            ('', 'dollars_expired', CAST(s.expired AS Decimal(38, 4))),
            ('', 'unspent_dollars', CAST(s.unspent AS Decimal(38, 4))),
            ('', 'users_awarded', CAST(s.users_awarded AS Decimal(38, 4))),
            ('', 'users_redeeming', CAST(s.users_redeeming AS Decimal(38, 4))),
            ('', 'sessions', CAST(s.sessions AS Decimal(38, 4))),
            ('', 'active_users', CAST(s.active_users AS Decimal(38, 4))),
            ('', 'total_users', CAST(s.users AS Decimal(38, 4))),
            ('', 'new_users', CAST(s.joins AS Decimal(38, 4))),
            ('', 'liability', CAST(s.held AS Decimal(38, 4))),
            ('awarded', 'users', CAST(s.users_awarded AS Decimal(38, 4))),
            ('awarded', 'max', CAST(s.most_awarded AS Decimal(38, 4))),
            ('unspent', 'users', CAST(s.holders AS Decimal(38, 4)))
        ] AS figure
        UNION ALL
        SELECT (toString(scope), program_id, org_id, segment) AS key, month, toString(population), toString(metric), CAST(value AS Nullable(Decimal(38, 12))), 'kpi' AS origin
        FROM kpi.metric_monthly
        WHERE
            population = '' AND metric IN ('dollars_awarded', 'dollars_redeemed', 'dollars_expired', 'unspent_dollars', 'users_awarded', 'users_redeeming', 'sessions', 'active_users', 'total_users', 'new_users')
            OR (population, metric) IN (('awarded', 'users'), ('unspent', 'users'))
        UNION ALL
        -- Of nobody, there is no largest amount.
        SELECT (toString(scope), program_id, org_id, segment) AS key, month, toString(population), toString(metric), CAST(ifNull(value, 0) AS Nullable(Decimal(38, 12))), 'kpi' AS origin
        FROM kpi.metric_monthly
        WHERE population = 'awarded' AND metric = 'max'
        UNION ALL
        SELECT (toString(scope), program_id, org_id, segment) AS key, month, '', 'liability', CAST(sum(value) AS Nullable(Decimal(38, 12))), 'kpi' AS origin
        FROM kpi.metric_monthly
        WHERE startsWith(metric, 'liability_')
        GROUP BY key, month
    )
SELECT
    month,
    key.1 AS scope,
    key.2 AS program_id,
    key.3 AS org_id,
    key.4 AS segment,
    population,
    metric,
    CAST(sumOrNullIf(f.value, f.origin = 'kpi') AS Nullable(Decimal(38, 4))) AS kpi,
    CAST(ifNull(sumIf(f.value, f.origin = 'facts'), 0) AS Decimal(38, 4)) AS facts,
    kpi - facts AS difference
FROM figure AS f
GROUP BY month, key, population, metric
-- Months before the first event, where organisations joined, have figures of 0.
HAVING countIf(f.origin = 'kpi') != 1 OR ifNull(sumOrNullIf(f.value, f.origin = 'kpi') != ifNull(sumIf(f.value, f.origin = 'facts'), 0), 1)
ORDER BY month, scope, program_id, org_id, segment, population, metric
COMMENT 'Check reconciliation: figures that are not what the facts give';
