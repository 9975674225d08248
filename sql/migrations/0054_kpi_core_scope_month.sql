-- All that metrics are made of, for every month of each scope from its first to the newest. KPI.md section 2.
CREATE TABLE IF NOT EXISTS kpi_core.scope_month
(
    edition                 UInt64 COMMENT 'Edition that computed the row',
    month                   Date32 COMMENT 'First day of the month, in the reporting zone',
    scope                   LowCardinality(String) COMMENT 'portfolio, program, organisation or segment',
    program_id              String COMMENT 'Empty for the portfolio',
    org_id                  String COMMENT 'Of scope organisation, else empty',
    segment                 String COMMENT 'Of scope segment, else empty',
    total_users             Int64 COMMENT 'Members at the month''s end',
    total_organisations     Int64 COMMENT 'Organisations at the month''s end',
    new_users               Int64 COMMENT 'Members who joined in the month',
    awarded                 Decimal(38, 4) COMMENT 'Net awarded in the month',
    redeemed                Decimal(38, 4) COMMENT 'Net redeemed in the month',
    expired                 Decimal(38, 4) COMMENT 'Expired in the month',
    awarded_to_date         Decimal(38, 4) COMMENT 'Net awarded of all time to the month''s end',
    redeemed_to_date        Decimal(38, 4) COMMENT 'Net redeemed of all time to the month''s end',
    unspent                 Decimal(38, 4) COMMENT 'The liability: awarded less redeemed less expired, of all time to the month''s end',
    unspent_before          Decimal(38, 4) COMMENT 'The liability at the end of the month before; 0 before the first',
    liability_0_30          Decimal(38, 4) COMMENT 'Unspent lots up to 30 days old at the month''s last day',
    liability_31_60         Decimal(38, 4) COMMENT 'Unspent lots 31 to 60 days old',
    liability_61_90         Decimal(38, 4) COMMENT 'Unspent lots 61 to 90 days old',
    liability_91_180        Decimal(38, 4) COMMENT 'Unspent lots 91 to 180 days old',
    liability_181_365       Decimal(38, 4) COMMENT 'Unspent lots 181 to 365 days old',
    liability_365_plus      Decimal(38, 4) COMMENT 'Unspent lots over 365 days old',
    users_awarded           UInt64 COMMENT 'Members with net awarded above 0 in the month',
    users_redeeming         UInt64 COMMENT 'Members with net redeemed above 0 in the month',
    users_awarded_to_date   UInt64 COMMENT 'Members with net awarded above 0 of all time',
    users_redeeming_to_date UInt64 COMMENT 'Members with net redeemed above 0 of all time',
    active_users            UInt64 COMMENT 'Members with a session of their own in the month',
    sessions                UInt64 COMMENT 'All sessions of the month, anonymous ones too',
    member_sessions         UInt64 COMMENT 'Sessions of members',
    page_views              UInt64 COMMENT 'Page views of all sessions',
    session_seconds         Decimal(38, 6) COMMENT 'Duration of all sessions',
    days_to_redeem_p50      Nullable(Int32) COMMENT 'Dollar-weighted lower median of the days from lot to redemption',
    cohort                  UInt64 COMMENT 'Members with an entry of kind award in the month',
    converted_30d           Nullable(UInt64) COMMENT 'Of these: redeemed within 30 x 24 h; NULL until that time is over for the whole month',
    converted_60d           Nullable(UInt64) COMMENT 'The same, 60 x 24 h',
    converted_90d           Nullable(UInt64) COMMENT 'The same, 90 x 24 h'
)
ENGINE = MergeTree
PARTITION BY edition
ORDER BY (month, scope, program_id, org_id, segment)
COMMENT 'What metrics are made of: every month of each scope, from its first to the newest';
