-- Every metric of every scope and month, with its movements. KPI.md sections 3 and 4.
CREATE TABLE IF NOT EXISTS kpi_core.metric_month
(
    edition       UInt64 COMMENT 'Edition that computed the row',
    month         Date32 COMMENT 'First day of the month, in the reporting zone',
    scope         LowCardinality(String) COMMENT 'portfolio, program, organisation or segment',
    program_id    String COMMENT 'Empty for the portfolio',
    org_id        String COMMENT 'Of scope organisation, else empty',
    segment       String COMMENT 'Of scope segment, else empty',
    dimension     LowCardinality(String) COMMENT 'financial, engagement or distribution',
    population    LowCardinality(String) COMMENT 'Of dimension distribution: awarded or unspent; else empty',
    metric        LowCardinality(String) COMMENT 'Id in the metric catalogue',
    value         Nullable(Decimal(38, 12)) COMMENT 'NULL for a ratio without a denominator',
    previous      Nullable(Decimal(38, 12)) COMMENT 'Value of the month before',
    mom_abs       Nullable(Decimal(38, 12)) COMMENT 'Value less that of the month before',
    mom_pct       Nullable(Decimal(38, 12)) COMMENT 'mom_abs / |previous|',
    yoy_abs       Nullable(Decimal(38, 12)) COMMENT 'Value less that of twelve months before',
    yoy_pct       Nullable(Decimal(38, 12)) COMMENT 'yoy_abs / |value of twelve months before|',
    direction     LowCardinality(Nullable(String)) COMMENT 'up, down or flat against the month before',
    polarity      LowCardinality(String) COMMENT 'Whether up is good, bad or neutral',
    trend_sd      Nullable(Decimal(38, 12)) COMMENT 'Population standard deviation of mom_pct over six months; NULL under three values',
    trend         LowCardinality(Nullable(String)) COMMENT 'stable, watch or volatile',
    exact_value   Nullable(Decimal(76, 20)) COMMENT 'Value with 20 places, for thresholds and later months',
    exact_mom_pct Nullable(Decimal(76, 20)) COMMENT 'mom_pct with 20 places, for thresholds and later months'
)
ENGINE = MergeTree
PARTITION BY edition
ORDER BY (month, dimension, scope, program_id, org_id, segment, population, metric)
COMMENT 'Every metric of every scope and month, with its movements';
