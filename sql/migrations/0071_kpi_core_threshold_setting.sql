-- Thresholds that people change, from the metrics file. Each row is a whole set, and the newest is in force: what the file
-- no longer has falls back to the default, all at once. kpi_core.threshold reads it.
CREATE TABLE IF NOT EXISTS kpi_core.threshold_setting
(
    changed_at DateTime64(6, 'UTC') COMMENT 'When the set came into force',
    settings   Map(String, Decimal(38, 12)) COMMENT 'By rule.threshold'
)
ENGINE = MergeTree
ORDER BY changed_at
COMMENT 'Thresholds other than by default, every set that ever was in force';
