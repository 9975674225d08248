-- The metrics that say nothing about money.
CREATE OR REPLACE VIEW kpi_engagement.metric_monthly
(
    month      Date32 COMMENT 'First day of the month, in the reporting zone',
    scope      LowCardinality(String) COMMENT 'portfolio, program, organisation or segment',
    program_id String COMMENT 'Programme; empty for the portfolio',
    org_id     String COMMENT 'Organisation, of scope organisation; else empty',
    segment    String COMMENT 'Segment, of scope segment; else empty',
    dimension  LowCardinality(String) COMMENT 'engagement, or financial for members and organisations',
    population LowCardinality(String) COMMENT 'Empty for these metrics',
    metric     LowCardinality(String) COMMENT 'Metric',
    value      Nullable(Decimal(38, 12)) COMMENT 'The month''s figure; NULL for a ratio without a denominator',
    previous   Nullable(Decimal(38, 12)) COMMENT 'Figure of the month before; NULL in the first month',
    mom_abs    Nullable(Decimal(38, 12)) COMMENT 'Month on month: value less previous',
    mom_pct    Nullable(Decimal(38, 12)) COMMENT 'Month on month: mom_abs / |previous|, 0.1 is 10 %; NULL where previous is 0',
    yoy_abs    Nullable(Decimal(38, 12)) COMMENT 'Year on year: value less that of twelve months before',
    yoy_pct    Nullable(Decimal(38, 12)) COMMENT 'Year on year: yoy_abs / |value of twelve months before|',
    direction  LowCardinality(Nullable(String)) COMMENT 'up, down or flat against the month before',
    polarity   LowCardinality(String) COMMENT 'Whether up is good, bad or neutral',
    trend_sd   Nullable(Decimal(38, 12)) COMMENT 'Population standard deviation of mom_pct over the last six months; NULL under three values',
    trend      LowCardinality(Nullable(String)) COMMENT 'Trend stability by trend_sd: stable, watch or volatile'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT
    month, scope, program_id, org_id, segment, dimension, population, metric,
    value, previous, mom_abs, mom_pct, yoy_abs, yoy_pct, direction, polarity, trend_sd, trend
FROM kpi_core.metric_now
WHERE dimension = 'engagement' OR metric IN ('total_users', 'total_organisations', 'new_users')
COMMENT 'Metrics that say nothing about money';
