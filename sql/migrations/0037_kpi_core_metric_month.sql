-- Target of the refreshable view kpi_core.metric_month_refresh: all that readers see, so that one swap shows them
-- everything new at once.
CREATE TABLE IF NOT EXISTS kpi_core.metric_month
(
    month          Date32 COMMENT 'First day of the month, in the reporting zone',
    scope          LowCardinality(String) COMMENT 'portfolio, program, organisation or segment',
    program_id     String COMMENT 'Empty for the portfolio',
    org_id         String COMMENT 'Of scope organisation, else empty',
    segment        String COMMENT 'Of scope segment, else empty',
    dimension      LowCardinality(String) COMMENT 'financial, engagement or distribution',
    population     LowCardinality(String) COMMENT 'Of dimension distribution: awarded; else empty',
    metric         LowCardinality(String) COMMENT 'Id in the metric catalogue',
    value          Nullable(Decimal(38, 12)) COMMENT 'NULL for a ratio without a denominator',
    previous       Nullable(Decimal(38, 12)) COMMENT 'Value of the month before',
    mom_abs        Nullable(Decimal(38, 12)) COMMENT 'Value less that of the month before',
    mom_pct        Nullable(Decimal(38, 12)) COMMENT 'mom_abs / |previous|',
    yoy_abs        Nullable(Decimal(38, 12)) COMMENT 'Value less that of twelve months before',
    yoy_pct        Nullable(Decimal(38, 12)) COMMENT 'yoy_abs / |value of twelve months before|',
    direction      Nullable(String) COMMENT 'up, down or flat against the month before',
    polarity       LowCardinality(String) COMMENT 'Whether up is good, bad or neutral',
    newest_event   DateTime64(6, 'UTC') COMMENT 'The newest event that the figures contain',
    refreshed_at   DateTime64(6, 'UTC') COMMENT 'When the figures were computed'
)
ENGINE = MergeTree
ORDER BY (scope, metric, population, program_id, org_id, segment, month)
COMMENT 'Every metric of every scope and month, with its movements';
