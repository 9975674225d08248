-- Members, organisations and dollars of each scope and month. A quotient is NULL where its denominator is 0. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_financial AS
WITH
    (part, whole) -> CAST(part AS Nullable(Decimal(76, 20))) / nullIf(CAST(whole AS Nullable(Decimal(76, 20))), 0) AS per
SELECT edition, month, scope, program_id, org_id, segment, '' AS population, figure.1 AS metric, figure.2 AS value
FROM kpi_core.scope_month
ARRAY JOIN
[
    -- At the month's end.
    ('total_users',          CAST(total_users AS Nullable(Decimal(76, 20)))),
    ('total_organisations',  CAST(total_organisations AS Nullable(Decimal(76, 20)))),
    ('unspent_dollars',      CAST(unspent AS Nullable(Decimal(76, 20)))),
    -- In the month, net.
    ('new_users',            CAST(new_users AS Nullable(Decimal(76, 20)))),
    ('dollars_awarded',      CAST(awarded AS Nullable(Decimal(76, 20)))),
    ('dollars_redeemed',     CAST(redeemed AS Nullable(Decimal(76, 20)))),
    ('dollars_expired',      CAST(expired AS Nullable(Decimal(76, 20)))),
    ('unspent_change',       CAST(unspent - unspent_before AS Nullable(Decimal(76, 20)))),
    ('avg_awarded_per_user', per(awarded, users_awarded)),
    ('awarded_to_redeemed',  per(redeemed, awarded)),
    -- Of all time to the month's end.
    ('funding_utilisation',  per(redeemed_to_date, awarded_to_date)),
    -- Redeemed per dollar that could be.
    ('redemption_velocity',  per(redeemed, unspent_before + awarded)),
    -- Of the dollars redeemed in the month, first in, first out.
    ('days_to_redeem_p50',   CAST(days_to_redeem_p50 AS Nullable(Decimal(76, 20)))),
    -- Unspent lots by their age at the month's last day.
    ('liability_0_30',       CAST(liability_0_30 AS Nullable(Decimal(76, 20)))),
    ('liability_31_60',      CAST(liability_31_60 AS Nullable(Decimal(76, 20)))),
    ('liability_61_90',      CAST(liability_61_90 AS Nullable(Decimal(76, 20)))),
    ('liability_91_180',     CAST(liability_91_180 AS Nullable(Decimal(76, 20)))),
    ('liability_181_365',    CAST(liability_181_365 AS Nullable(Decimal(76, 20)))),
    ('liability_365_plus',   CAST(liability_365_plus AS Nullable(Decimal(76, 20))))
] AS figure;
