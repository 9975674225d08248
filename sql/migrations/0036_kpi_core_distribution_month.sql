-- Target of the refreshable view kpi_core.distribution_month_refresh.
CREATE TABLE IF NOT EXISTS kpi_core.distribution_month
(
    month          Date32 COMMENT 'First day of the month, in the reporting zone',
    scope          LowCardinality(String) COMMENT 'portfolio, program, organisation or segment',
    program_id     String COMMENT 'Empty for the portfolio',
    org_id         String COMMENT 'Of scope organisation, else empty',
    segment        String COMMENT 'Of scope segment, else empty',
    population  LowCardinality(String) COMMENT 'awarded: members with net awarded above 0 in the month',
    users       UInt64,
    mean        Nullable(Decimal(76, 20)),
    p50         Nullable(Decimal(76, 20)),
    p90         Nullable(Decimal(76, 20)),
    gini        Nullable(Decimal(76, 20)),
    top10_share Nullable(Decimal(76, 20))
)
ENGINE = MergeTree
ORDER BY (scope, program_id, org_id, segment, month, population)
COMMENT 'How dollars spread over the members of each scope and month';
