-- Every figure of a month as it was when the month was closed. Written before its row in etl.closed_months: figures
-- without such a row are of a closing that was cut short, and count for nothing.
CREATE TABLE IF NOT EXISTS etl.closed_figures
(
    month      Date32 COMMENT 'First day of the month, in the reporting zone',
    closed_at  DateTime64(6, 'UTC') COMMENT 'The closing in etl.closed_months',
    scope      LowCardinality(String) COMMENT 'portfolio, program, organisation or segment',
    program_id String COMMENT 'Empty for the portfolio',
    org_id     String COMMENT 'Of scope organisation, else empty',
    segment    String COMMENT 'Of scope segment, else empty',
    population LowCardinality(String) COMMENT 'Of dimension distribution: awarded or unspent; else empty',
    metric     LowCardinality(String) COMMENT 'Id in the metric catalogue',
    value      Nullable(Decimal(38, 12)) COMMENT 'NULL for a ratio without a denominator'
)
ENGINE = ReplacingMergeTree
ORDER BY (month, closed_at, scope, metric, population, program_id, org_id, segment)
COMMENT 'Figures of closed months, as they were at the closing';
