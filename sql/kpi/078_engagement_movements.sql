-- Movements in words of the metrics that say nothing about money.
CREATE OR REPLACE VIEW kpi_engagement.movements
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
    mom_pct    Nullable(Decimal(38, 12)) COMMENT 'Month on month, 0.1 is 10 %; NULL where the figure of the month before is NULL or 0',
    yoy_pct    Nullable(Decimal(38, 12)) COMMENT 'Year on year, the same',
    mom        String COMMENT 'Month on month in words, such as ▲ 5.3 % better; n/a where it cannot be said',
    yoy        String COMMENT 'Year on year in words',
    trend      LowCardinality(Nullable(String)) COMMENT 'Trend stability: stable, watch or volatile'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT month, scope, program_id, org_id, segment, dimension, population, metric, value, mom_pct, yoy_pct, mom, yoy, trend
FROM kpi.movements
WHERE dimension = 'engagement' OR metric IN ('total_users', 'total_organisations', 'new_users')
COMMENT 'Metrics that say nothing about money, with their movements in words';
