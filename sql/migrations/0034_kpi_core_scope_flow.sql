-- Target of the refreshable view kpi_core.scope_flow_refresh.
CREATE TABLE IF NOT EXISTS kpi_core.scope_flow
(
    month          Date32 COMMENT 'First day of the month, in the reporting zone',
    scope          LowCardinality(String) COMMENT 'portfolio, program, organisation or segment',
    program_id     String COMMENT 'Empty for the portfolio',
    org_id         String COMMENT 'Of scope organisation, else empty',
    segment        String COMMENT 'Of scope segment, else empty',
    awarded         Decimal(38, 4) COMMENT 'Net: awards less reversals',
    redeemed        Decimal(38, 4) COMMENT 'Net: redemptions less refunds',
    expired         Decimal(38, 4),
    users_awarded   UInt64 COMMENT 'Members with net awarded above 0',
    users_redeeming UInt64 COMMENT 'Members with net redeemed above 0',
    active_users    UInt64 COMMENT 'Members with a session of their own',
    sessions        UInt64 COMMENT 'All sessions, anonymous ones too'
)
ENGINE = MergeTree
ORDER BY (scope, program_id, org_id, segment, month)
COMMENT 'What happened in each scope and month that has an event';
