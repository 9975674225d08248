-- Flows and stocks of each scope, for every month from its first to the newest of the warehouse. KPI.md section 2.
INSERT INTO kpi_core.scope_month
(
    edition, month, scope, program_id, org_id, segment,
    total_users, total_organisations, new_users,
    awarded, redeemed, expired, awarded_to_date, redeemed_to_date, unspent, unspent_before,
    liability_0_30, liability_31_60, liability_61_90, liability_91_180, liability_181_365, liability_365_plus,
    users_awarded, users_redeeming, users_awarded_to_date, users_redeeming_to_date, active_users,
    sessions, member_sessions, page_views, session_seconds, days_to_redeem_p50,
    cohort, converted_30d, converted_60d, converted_90d
)
WITH
    (SELECT timezone FROM kpi_core.settings) AS zone,
    (SELECT max(last_event_at) FROM kpi_core.mention_in(edition = {edition:UInt64})) AS newest_event,
    -- What happens to each scope, and whether it begins then.
    happened AS
    (
        SELECT
            month, scope, program_id, org_id, segment,
            sum(c.users) AS users, sum(c.organisations) AS organisations, sum(c.joins) AS joins, max(c.begins) AS begins
        FROM
        (
            SELECT month, scope, program_id, org_id, segment, users, organisations, joins, begins
            FROM kpi_core.scope_stock(edition = {edition:UInt64})
            UNION ALL
            SELECT month, scope, program_id, org_id, segment, 0 AS users, 0 AS organisations, 0 AS joins, 1 AS begins
            FROM kpi_core.scope_flow_in(edition = {edition:UInt64})
        ) AS c
        WHERE month <= {newest:Date32}
        GROUP BY month, scope, program_id, org_id, segment
    ),
    -- What holds from a month on until something happens again. Organisations may have joined before their segment began:
    -- they are there from its first month.
    held AS
    (
        SELECT
            month AS changed_in, scope, program_id, org_id, segment,
            sum(users) OVER to_date         AS total_users,
            sum(organisations) OVER to_date AS total_organisations,
            joins,
            min(if(begins = 1, month, NULL)) OVER (PARTITION BY scope, program_id, org_id, segment) AS first_month,
            leadInFrame(month, 1, addMonths({newest:Date32}, 1)) OVER following AS changed_again
        FROM happened
        WINDOW
            to_date AS (PARTITION BY scope, program_id, org_id, segment ORDER BY month ROWS UNBOUNDED PRECEDING),
            following AS (PARTITION BY scope, program_id, org_id, segment ORDER BY month ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING)
    ),
    dense AS
    (
        SELECT
            addMonths(greatest(changed_in, assumeNotNull(first_month)), arrayJoin(range(toUInt64(greatest(0, dateDiff('month', greatest(changed_in, assumeNotNull(first_month)), changed_again)))))) AS month,
            scope, program_id, org_id, segment, total_users, total_organisations,
            if(month = changed_in, joins, 0) AS new_users
        FROM held
        WHERE first_month IS NOT NULL
    ),
    -- A month counts once N x 24 h after its end have passed by the newest event.
    (month, days) -> newest_event >= toDateTime64(addMonths(month, 1), 6, zone) + toIntervalHour(24 * days) AS is_over
SELECT
    {edition:UInt64},
    h.month, h.scope, h.program_id, h.org_id, h.segment,
    h.total_users, h.total_organisations, h.new_users,
    f.awarded, f.redeemed, f.expired, f.awarded_to_date, f.redeemed_to_date, f.unspent, b.unspent,
    f.liability_0_30, f.liability_31_60, f.liability_61_90, f.liability_91_180, f.liability_181_365, f.liability_365_plus,
    f.users_awarded, f.users_redeeming, f.users_awarded_to_date, f.users_redeeming_to_date, f.active_users,
    f.sessions, f.member_sessions, f.page_views, f.session_seconds, f.days_to_redeem_p50,
    c.cohort,
    if(is_over(h.month, 30), c.converted_30d, NULL),
    if(is_over(h.month, 60), c.converted_60d, NULL),
    if(is_over(h.month, 90), c.converted_90d, NULL)
FROM dense AS h
LEFT JOIN kpi_core.scope_flow_in(edition = {edition:UInt64}) AS f ON h.month = f.month AND h.scope = f.scope AND h.program_id = f.program_id AND h.org_id = f.org_id AND h.segment = f.segment
LEFT JOIN
(
    SELECT addMonths(month, 1) AS month, scope, program_id, org_id, segment, unspent
    FROM kpi_core.scope_flow_in(edition = {edition:UInt64})
) AS b ON h.month = b.month AND h.scope = b.scope AND h.program_id = b.program_id AND h.org_id = b.org_id AND h.segment = b.segment
LEFT JOIN kpi_core.conversion_in(edition = {edition:UInt64}) AS c ON h.month = c.month AND h.scope = c.scope AND h.program_id = c.program_id AND h.org_id = c.org_id AND h.segment = c.segment
WHERE h.month >= {from:Date32}
SETTINGS max_partitions_per_insert_block = 0;
