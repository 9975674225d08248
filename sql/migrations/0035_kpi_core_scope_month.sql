-- Target of the refreshable view kpi_core.scope_month_refresh.
CREATE TABLE IF NOT EXISTS kpi_core.scope_month
(
    month          Date32 COMMENT 'First day of the month, in the reporting zone',
    scope          LowCardinality(String) COMMENT 'portfolio, program, organisation or segment',
    program_id     String COMMENT 'Empty for the portfolio',
    org_id         String COMMENT 'Of scope organisation, else empty',
    segment        String COMMENT 'Of scope segment, else empty',
    total_users         Int64 COMMENT 'Members at the month''s end',
    total_organisations Int64 COMMENT 'Organisations at the month''s end',
    awarded             Decimal(38, 4),
    redeemed            Decimal(38, 4),
    expired             Decimal(38, 4),
    unspent             Decimal(38, 4) COMMENT 'Of all time to the month''s end',
    users_awarded       UInt64,
    users_redeeming     UInt64,
    active_users        UInt64,
    sessions            UInt64
)
ENGINE = MergeTree
ORDER BY (scope, program_id, org_id, segment, month)
COMMENT 'Flows and stocks of each scope, every month from its first to the newest';
