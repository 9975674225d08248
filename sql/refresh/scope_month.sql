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
    flow AS
    (
        SELECT * FROM kpi_core.scope_flow_in(edition = {edition:UInt64})
    ),
    stock AS
    (
        SELECT * FROM kpi_core.scope_stock(edition = {edition:UInt64})
    ),
    span AS
    (
        SELECT scope, program_id, org_id, segment, min(month) AS first_month
        FROM
        (
            SELECT scope, program_id, org_id, segment, month FROM flow
            UNION ALL
            SELECT scope, program_id, org_id, segment, month FROM stock WHERE begins = 1
        )
        WHERE month <= {newest:Date32}
        GROUP BY scope, program_id, org_id, segment
    ),
    dense AS
    (
        SELECT scope, program_id, org_id, segment, addMonths(first_month, arrayJoin(range(toUInt64(dateDiff('month', first_month, {newest:Date32}) + 1)))) AS month
        FROM span
    ),
    -- Organisations may have joined before their segment began: they are there from its first month.
    change AS
    (
        SELECT
            greatest(k.month, s.first_month) AS month,
            k.scope AS scope, k.program_id AS program_id, k.org_id AS org_id, k.segment AS segment,
            sum(k.users) AS users, sum(k.organisations) AS organisations, sum(k.joins) AS joins
        FROM stock AS k
        INNER JOIN span AS s ON k.scope = s.scope AND k.program_id = s.program_id AND k.org_id = s.org_id AND k.segment = s.segment
        GROUP BY month, scope, program_id, org_id, segment
    ),
    held AS
    (
        SELECT
            d.month AS month, d.scope AS scope, d.program_id AS program_id, d.org_id AS org_id, d.segment AS segment,
            sum(c.users) OVER to_date         AS total_users,
            sum(c.organisations) OVER to_date AS total_organisations,
            c.joins                           AS new_users
        FROM dense AS d
        LEFT JOIN change AS c ON d.month = c.month AND d.scope = c.scope AND d.program_id = c.program_id AND d.org_id = c.org_id AND d.segment = c.segment
        WINDOW to_date AS (PARTITION BY d.scope, d.program_id, d.org_id, d.segment ORDER BY d.month ROWS UNBOUNDED PRECEDING)
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
FROM held AS h
LEFT JOIN flow AS f ON h.month = f.month AND h.scope = f.scope AND h.program_id = f.program_id AND h.org_id = f.org_id AND h.segment = f.segment
LEFT JOIN flow AS b ON addMonths(h.month, -1) = b.month AND h.scope = b.scope AND h.program_id = b.program_id AND h.org_id = b.org_id AND h.segment = b.segment
LEFT JOIN kpi_core.conversion_in(edition = {edition:UInt64}) AS c ON h.month = c.month AND h.scope = c.scope AND h.program_id = c.program_id AND h.org_id = c.org_id AND h.segment = c.segment
WHERE h.month >= {from:Date32}
SETTINGS max_partitions_per_insert_block = 0;
