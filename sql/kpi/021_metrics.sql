-- The metric catalogue in force.
CREATE OR REPLACE VIEW kpi.metrics
(
    metric      String COMMENT 'Id of the metric',
    dimension   String COMMENT 'financial, engagement or distribution',
    population  String COMMENT 'Of dimension distribution: awarded or unspent; else empty',
    name        String COMMENT 'What people call it',
    unit        String COMMENT 'members, organisations, money, ratio, sessions, seconds, days or views',
    form        String COMMENT 'How the value is written: count, money or ratio (any other number with decimals)',
    can_be_null UInt8 COMMENT '1 where a month may have no value: no denominator, an empty population, too early to tell',
    layer       String COMMENT 'outcome: what it is all for; driver: what brings it about; health: an early warning; operations: how smoothly it runs',
    higher_is   String COMMENT 'Whether up is good, bad or neutral',
    headline    UInt8 COMMENT '1 for the headline metrics, which are watched for unusual movements',
    owner       String COMMENT 'Who answers for it',
    baseline    Nullable(Decimal(38, 12)) COMMENT 'Where it stood when its target was set',
    target      Nullable(Decimal(38, 12)) COMMENT 'Where it should be',
    warn        Nullable(Decimal(38, 12)) COMMENT 'Readers are warned beyond this; exceptions go by kpi.thresholds',
    critical    Nullable(Decimal(38, 12)) COMMENT 'Somebody has to act beyond this',
    cadence     String COMMENT 'How often it is reviewed',
    section     String COMMENT 'Where it is defined',
    definition  String COMMENT 'What it is, in words'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT
    metric, dimension, population, name, unit, form, can_be_null, layer, higher_is, headline,
    owner, baseline, target, warn, critical, cadence, section, definition
FROM kpi_core.metric_in_force
COMMENT 'What each metric means, who owns it and where it should be';
