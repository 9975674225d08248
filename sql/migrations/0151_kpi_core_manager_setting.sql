-- Who manages which programmes, from the config. Each row is a whole set, and the newest is in force: who is not in it
-- manages nothing. kpi.own_programs reads it.
CREATE TABLE IF NOT EXISTS kpi_core.manager_setting
(
    changed_at DateTime64(6, 'UTC') COMMENT 'When the set came into force',
    settings   Map(String, Array(String)) COMMENT 'Programmes by user of the warehouse'
)
ENGINE = MergeTree
ORDER BY changed_at
COMMENT 'Programmes of partner managers, every set that ever was in force';
