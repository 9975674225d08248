-- Exceptions of metrics that say nothing about money.
CREATE OR REPLACE VIEW kpi_engagement.exceptions
(
    month      Date32 COMMENT 'First day of the month, in the reporting zone',
    scope      LowCardinality(String) COMMENT 'portfolio, program, organisation or segment',
    program_id String COMMENT 'Programme; empty for the portfolio',
    org_id     String COMMENT 'Organisation, of scope organisation; else empty',
    segment    String COMMENT 'Segment, of scope segment; else empty',
    rule       LowCardinality(String) COMMENT 'Rule that fires: KPI.md section 5',
    metric     LowCardinality(String) COMMENT 'Metric that it is about',
    severity   LowCardinality(String) COMMENT 'info, warning or critical',
    observed   Decimal(38, 12) COMMENT 'The month''s figure; of volatile_trend the standard deviation',
    expected   Decimal(38, 12) COMMENT 'What it is held against: the month before, a threshold or a median',
    sentence   String COMMENT 'What happened, in words'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT month, scope, program_id, org_id, segment, rule, metric, severity, observed, expected, sentence
FROM kpi.exceptions
WHERE metric IN (SELECT metric FROM kpi_core.metric_catalogue WHERE dimension = 'engagement') OR metric IN ('total_users', 'total_organisations', 'new_users')
COMMENT 'What is out of the ordinary, of metrics that say nothing about money: KPI.md section 5';
