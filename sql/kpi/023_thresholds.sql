-- The thresholds in force.
CREATE OR REPLACE VIEW kpi.thresholds
(
    rule          String COMMENT 'Rule of an exception, trend, or indicator of the portfolio lens',
    threshold     String COMMENT 'Name of the threshold within the rule',
    value         Decimal(38, 12) COMMENT 'The value in force',
    default_value Decimal(38, 12) COMMENT 'The value unless the metrics file says otherwise',
    meaning       String COMMENT 'What it does, in words'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT rule, threshold, value, default_value, meaning
FROM kpi_core.threshold
COMMENT 'The thresholds in force: every one of every rule';
