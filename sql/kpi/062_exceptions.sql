-- Exceptions with a sentence for a manager.
CREATE OR REPLACE VIEW kpi.exceptions
(
    month      Date32 COMMENT 'First day of the month, in the reporting zone',
    scope      LowCardinality(String) COMMENT 'portfolio, program, organisation or segment',
    program_id String COMMENT 'Programme; empty for the portfolio',
    org_id     String COMMENT 'Organisation, of scope organisation; else empty',
    segment    String COMMENT 'Segment, of scope segment; else empty',
    rule       LowCardinality(String) COMMENT 'Rule that fires: KPI.md section 5; its thresholds are in kpi.thresholds',
    metric     LowCardinality(String) COMMENT 'Metric that it is about',
    variant    LowCardinality(String) COMMENT 'Of redemption_shift: accelerating, decelerating or stagnating; else empty',
    severity   LowCardinality(String) COMMENT 'info, warning or critical',
    observed   Decimal(38, 12) COMMENT 'The month''s figure; of volatile_trend the standard deviation',
    expected   Decimal(38, 12) COMMENT 'What it is held against: the month before, a threshold or a median',
    sentence   String COMMENT 'What happened, in words'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
WITH
    -- As people read it: money with cents, ratios in per cent, counts whole.
    (figure, form) -> multiIf(
        form = 'money', toDecimalString(round(figure, 2), 2),
        form = 'ratio', concat(toDecimalString(round(figure * 100, 1), 1), ' %'),
        toString(toDecimal128(round(figure, 2), 2))) AS written,
    ifNull(concat(toDecimalString(round(abs(CAST(observed - expected AS Decimal(76, 20))) / nullIf(abs(CAST(expected AS Decimal(76, 20))), 0) * 100, 1), 1), ' %'), 'n/a') AS moved_by,
    multiIf(
        scope = 'portfolio', 'the portfolio',
        scope = 'program', concat('programme ', program_id),
        scope = 'organisation', concat('organisation ', org_id, ' of programme ', program_id),
        concat('segment ', segment, ' of programme ', program_id)) AS whose
SELECT
    month, scope, program_id, org_id, segment, rule, metric, variant, severity, observed, expected,
    multiIf(
        rule = 'rising_unspent',
            concat('Unspent dollars of ', whose, ' rose by ', moved_by, ' to ', written(observed, 'money'), ' while redemptions did not rise', if(severity = 'critical', ', for months running.', '.')),
        rule = 'low_conversion',
            concat('Only ', written(observed, 'ratio'), ' as many members of ', whose, ' redeemed as were awarded, against ', written(expected, 'ratio'), '.'),
        rule = 'declining_engagement',
            concat(c.name, ' of ', whose, ' fell by ', moved_by, ' to ', written(observed, c.form), if(severity = 'critical', ', for months running.', '.')),
        rule = 'uneven_distribution' AND metric = 'gini',
            concat('Dollars awarded in ', whose, ' are unevenly spread: the Gini coefficient is ', toDecimalString(round(observed, 2), 2), '.'),
        rule = 'uneven_distribution',
            concat('A tenth of the members awarded in ', whose, ' got ', written(observed, 'ratio'), ' of the dollars.'),
        rule = 'redemption_shift' AND variant = 'stagnating',
            concat('Redemptions of ', whose, ' have stood still for months, at ', written(observed, 'money'), '.'),
        rule = 'redemption_shift',
            concat('Redemptions of ', whose, if(variant = 'accelerating', ' sped up by ', ' slowed down by '), moved_by, ' to ', written(observed, 'money'), '.'),
        rule = 'material_movement',
            concat(c.name, ' of ', whose, if(observed > expected, ' rose by ', ' fell by '), moved_by, ', from ', written(expected, c.form), ' to ', written(observed, c.form), '.'),
        rule = 'anomaly',
            concat(c.name, ' of ', whose, ', ', written(observed, c.form), ', is far from what is usual: the median of the year before is ', written(expected, c.form), '.'),
        concat(c.name, ' of ', whose, ' goes up and down: its monthly movement varies by ', written(observed, 'ratio'), ', over ', written(expected, 'ratio'), '.')) AS sentence
FROM kpi_core.exception_now AS e
LEFT ANY JOIN
(
    SELECT metric, any(name) AS name, any(form) AS form
    FROM kpi_core.metric_catalogue
    WHERE population IN ('', 'awarded')
    GROUP BY metric
) AS c ON e.metric = c.metric
COMMENT 'What is out of the ordinary: KPI.md section 5';
