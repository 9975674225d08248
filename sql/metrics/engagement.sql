-- What members do, of each scope and month. A quotient is NULL where its denominator is 0. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_engagement AS
WITH
    (part, whole) -> CAST(part AS Nullable(Decimal(76, 20))) / nullIf(CAST(whole AS Nullable(Decimal(76, 20))), 0) AS per
SELECT edition, month, scope, program_id, org_id, segment, '' AS population, figure.1 AS metric, figure.2 AS value
FROM kpi_core.scope_month
ARRAY JOIN
[
    -- Members with net awarded, or net redeemed, above 0 in the month.
    ('users_awarded',            CAST(users_awarded AS Nullable(Decimal(76, 20)))),
    ('users_redeeming',          CAST(users_redeeming AS Nullable(Decimal(76, 20)))),
    ('activation_rate',          per(users_redeeming, users_awarded)),
    -- Members who ever redeemed per member ever awarded.
    ('program_activation_rate',  per(users_redeeming_to_date, users_awarded_to_date)),
    -- Of the members awarded in the month, the share that redeemed within so many days. NULL until that time is over.
    ('conversion_30d',           per(converted_30d, cohort)),
    ('conversion_60d',           per(converted_60d, cohort)),
    ('conversion_90d',           per(converted_90d, cohort)),
    -- Members with a session of their own in the month; all sessions, anonymous ones too.
    ('active_users',             CAST(active_users AS Nullable(Decimal(76, 20)))),
    ('sessions',                 CAST(sessions AS Nullable(Decimal(76, 20)))),
    -- Sessions of members.
    ('sessions_per_active_user', per(member_sessions, active_users)),
    ('page_views_per_session',   per(page_views, sessions)),
    ('avg_session_seconds',      per(session_seconds, sessions)),
    ('portal_active_rate',       per(active_users, total_users))
] AS figure;
