-- Exceptions as findings: each is a risk or an opportunity. A movement is an opportunity where it goes to where the metric should
-- be, and so is a value far from the usual on that side; all else that is out of the ordinary is a risk.
CREATE OR REPLACE VIEW kpi_core.exception_finding AS
WITH
    (SELECT mapFromArrays(groupArray(metric), groupArray(higher_is)) FROM kpi_core.metric_catalogue WHERE population IN ('', 'awarded')) AS higher_is,
    multiIf(higher_is[metric] = 'good', observed > expected, higher_is[metric] = 'bad', observed < expected, 0) AS is_favourable
SELECT
    month, scope, program_id, org_id, segment,
    multiIf(
        rule = 'redemption_shift', if(variant = 'accelerating', 'accelerating_redemptions', 'slowing_redemptions'),
        rule = 'material_movement', if(is_favourable, 'favourable_movement', 'adverse_movement'),
        rule = 'anomaly', if(is_favourable, 'favourable_anomaly', 'adverse_anomaly'),
        toString(rule)) AS topic,
    rule, metric, severity, observed, expected,
    sentence AS evidence
FROM kpi.exceptions;
