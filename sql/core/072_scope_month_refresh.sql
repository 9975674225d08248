-- Flows and stocks of each scope, for every month from its first to the newest of the warehouse. KPI.md section 2.
DROP VIEW IF EXISTS kpi_core.scope_month_refresh SYNC;

CREATE MATERIALIZED VIEW kpi_core.scope_month_refresh
REFRESH EVERY 100 YEAR
TO kpi_core.scope_month
EMPTY
AS
WITH
    (SELECT max(month) FROM kpi_core.member_month) AS newest,
    (SELECT count() > 0 FROM kpi_core.member_month) AS has_events, -- without any there is no newest month
    change AS
    (
        SELECT month, scope, program_id, org_id, segment, users, organisations, begins,
            toDecimal128(0, 4) AS awarded, toDecimal128(0, 4) AS redeemed, toDecimal128(0, 4) AS expired,
            0 AS users_awarded, 0 AS users_redeeming, 0 AS active_users, 0 AS sessions
        FROM kpi_core.scope_stock
        UNION ALL
        SELECT month, scope, program_id, org_id, segment, toInt64(0) AS users, toInt64(0) AS organisations, 1 AS begins,
            awarded, redeemed, expired, users_awarded, users_redeeming, active_users, sessions
        FROM kpi_core.scope_flow
    ),
    span AS
    (
        SELECT scope, program_id, org_id, segment, minIf(month, begins = 1) AS first_month
        FROM change
        GROUP BY scope, program_id, org_id, segment
        HAVING countIf(begins = 1) > 0 AND first_month <= newest AND has_events
    ),
    dense AS
    (
        SELECT scope, program_id, org_id, segment, addMonths(first_month, arrayJoin(range(toUInt64(dateDiff('month', first_month, newest) + 1)))) AS month
        FROM span
    ),
    -- Organisations may have joined before their segment began: they are there from its first month.
    total AS
    (
        SELECT
            greatest(c.month, s.first_month) AS month,
            c.scope AS scope, c.program_id AS program_id, c.org_id AS org_id, c.segment AS segment,
            sum(c.users) AS users, sum(c.organisations) AS organisations,
            sum(c.awarded) AS awarded, sum(c.redeemed) AS redeemed, sum(c.expired) AS expired,
            sum(c.users_awarded) AS users_awarded, sum(c.users_redeeming) AS users_redeeming, sum(c.active_users) AS active_users, sum(c.sessions) AS sessions
        FROM change AS c
        INNER JOIN span AS s ON c.scope = s.scope AND c.program_id = s.program_id AND c.org_id = s.org_id AND c.segment = s.segment
        GROUP BY month, scope, program_id, org_id, segment
    )
SELECT
    d.month AS month,
    d.scope AS scope,
    d.program_id AS program_id,
    d.org_id AS org_id,
    d.segment AS segment,
    sum(t.users) OVER to_date                              AS total_users,
    sum(t.organisations) OVER to_date                      AS total_organisations,
    t.awarded AS awarded,
    t.redeemed AS redeemed,
    t.expired AS expired,
    sum(t.awarded - t.redeemed - t.expired) OVER to_date   AS unspent,
    t.users_awarded AS users_awarded,
    t.users_redeeming AS users_redeeming,
    t.active_users AS active_users,
    t.sessions AS sessions
FROM dense AS d
LEFT JOIN total AS t ON d.month = t.month AND d.scope = t.scope AND d.program_id = t.program_id AND d.org_id = t.org_id AND d.segment = t.segment
WINDOW to_date AS (PARTITION BY d.scope, d.program_id, d.org_id, d.segment ORDER BY d.month ROWS UNBOUNDED PRECEDING);
