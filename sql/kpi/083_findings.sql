-- Risks and opportunities, each with what speaks for it and what may be done. A movement is told once: where a rule of its own tells
-- of the same metric and scope, or an anomaly of the same kind, the material movement is left out; kpi.exceptions has it.
CREATE OR REPLACE VIEW kpi.findings
(
    month         Date32 COMMENT 'First day of the month, in the reporting zone',
    scope         LowCardinality(String) COMMENT 'portfolio, program, organisation or segment',
    program_id    String COMMENT 'Programme; empty for the portfolio',
    org_id        String COMMENT 'Organisation, of scope organisation; else empty',
    segment       String COMMENT 'Segment, of scope segment; else empty',
    kind          String COMMENT 'risk or opportunity',
    topic         String COMMENT 'What it is about: kpi.interventions has all topics',
    rule          String COMMENT 'Rule that found it: one of kpi.exceptions, or the opposite of one; its thresholds are in kpi.thresholds',
    metric        LowCardinality(String) COMMENT 'Metric that it is about',
    severity      String COMMENT 'info, warning or critical',
    observed      Decimal(38, 12) COMMENT 'The month''s figure; of volatile_trend the standard deviation',
    expected      Decimal(38, 12) COMMENT 'What it is held against: the month before, a threshold or a median',
    at_stake      Decimal(38, 12) COMMENT 'Unspent dollars of whose it is, at the month''s end; 0 where they are negative',
    evidence      String COMMENT 'What happened, in words',
    interventions Array(String) COMMENT 'What may be done'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT
    f.month AS month, f.scope AS scope, f.program_id AS program_id, f.org_id AS org_id, f.segment AS segment,
    i.kind AS kind, f.topic AS topic, f.rule AS rule, f.metric AS metric, f.severity AS severity, f.observed AS observed, f.expected AS expected,
    greatest(ifNull(u.value, 0), 0) AS at_stake,
    f.evidence AS evidence,
    i.suggestions AS interventions
FROM
(
    SELECT
        *,
        groupUniqArray(topic) OVER (PARTITION BY month, scope, program_id, org_id, segment, metric) AS told
    FROM
    (
        SELECT month, scope, program_id, org_id, segment, topic, toString(rule) AS rule, metric, toString(severity) AS severity, observed, expected, evidence
        FROM kpi_core.exception_finding
        UNION ALL
        SELECT month, scope, program_id, org_id, segment, topic, rule, metric, severity, observed, expected, evidence
        FROM kpi_core.opposite_finding
    )
) AS f
LEFT ANY JOIN kpi_core.intervention AS i ON f.topic = i.topic
LEFT ANY JOIN
(
    SELECT month, scope, program_id, org_id, segment, value
    FROM kpi_core.metric_now
    WHERE metric = 'unspent_dollars'
) AS u ON f.month = u.month AND f.scope = u.scope AND f.program_id = u.program_id AND f.org_id = u.org_id AND f.segment = u.segment
WHERE f.rule != 'material_movement' OR NOT arrayExists(
    topic -> topic NOT IN ('favourable_movement', 'adverse_movement', 'favourable_anomaly', 'adverse_anomaly', 'volatile_trend')
        OR topic = replaceOne(f.topic, 'movement', 'anomaly'),
    f.told)
COMMENT 'Risks and opportunities of every scope and month, with evidence and suggested interventions';
