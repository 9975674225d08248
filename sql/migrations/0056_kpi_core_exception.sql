-- Exceptions of every scope and month. KPI.md section 5.
CREATE TABLE IF NOT EXISTS kpi_core.exception
(
    edition    UInt64 COMMENT 'Edition that computed the row',
    month      Date32 COMMENT 'First day of the month, in the reporting zone',
    scope      LowCardinality(String) COMMENT 'portfolio, program, organisation or segment',
    program_id String COMMENT 'Empty for the portfolio',
    org_id     String COMMENT 'Of scope organisation, else empty',
    segment    String COMMENT 'Of scope segment, else empty',
    rule       LowCardinality(String) COMMENT 'Rule that fires',
    metric     LowCardinality(String) COMMENT 'Id in the metric catalogue',
    variant    LowCardinality(String) COMMENT 'Of redemption_shift: accelerating, decelerating or stagnating; else empty',
    severity   LowCardinality(String) COMMENT 'info, warning or critical',
    observed   Decimal(38, 12) COMMENT 'The month''s figure',
    expected   Decimal(38, 12) COMMENT 'What it is held against: the month before, a threshold or a median'
)
ENGINE = MergeTree
PARTITION BY edition
ORDER BY (month, scope, program_id, org_id, segment, rule, metric)
COMMENT 'Exceptions of every scope and month';
