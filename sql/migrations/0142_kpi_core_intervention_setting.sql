-- Interventions that people suggest in place of the defaults, from the metrics file. Each row is a whole set, and the newest is
-- in force: what the file no longer has falls back to the default, all at once. kpi_core.intervention reads it.
CREATE TABLE IF NOT EXISTS kpi_core.intervention_setting
(
    changed_at DateTime64(6, 'UTC') COMMENT 'When the set came into force',
    settings   Map(String, Array(String)) COMMENT 'What to do, by topic of kpi.findings'
)
ENGINE = MergeTree
ORDER BY changed_at
COMMENT 'Suggested interventions other than by default, every set that ever was in force';
