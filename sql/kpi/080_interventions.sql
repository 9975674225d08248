-- The interventions in force.
CREATE OR REPLACE VIEW kpi.interventions
(
    topic      String COMMENT 'Topic of kpi.findings',
    kind       String COMMENT 'risk or opportunity',
    position   UInt32 COMMENT 'Place among those of the topic, from 1',
    suggestion String COMMENT 'What to do',
    is_default UInt8 COMMENT 'Whether it is as by default, not from the metrics file'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT topic, kind, position, suggestion, is_default
FROM kpi_core.intervention
ARRAY JOIN suggestions AS suggestion, arrayEnumerate(suggestions) AS position
COMMENT 'What to do about findings, by topic: suggestions that people can change in the metrics file';
