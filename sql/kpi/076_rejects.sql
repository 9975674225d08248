-- Rejects that stand, counted by what is wrong with them. The rows and the reasons, which quote values of them, are left out: they
-- may be personal (partnerplus rejects list).
CREATE OR REPLACE VIEW kpi.rejects
(
    source LowCardinality(String) COMMENT 'Source of the rows',
    entity LowCardinality(String) COMMENT 'Entity that the mapping makes; empty where the format could not read the row',
    column LowCardinality(String) COMMENT 'Canonical column that failed, empty where none',
    rule   LowCardinality(String) COMMENT 'Rule that the rows broke, such as type or range',
    rows   UInt64 COMMENT 'How many',
    since  DateTime64(6, 'UTC') COMMENT 'When the oldest of them was rejected'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT source, entity, column, rule, count() AS rows, min(recorded_at) AS since
FROM etl.open_rejects
GROUP BY source, entity, column, rule
ORDER BY rows DESC, source, entity, column, rule
COMMENT 'Rejects that stand, counted by source and rule';
