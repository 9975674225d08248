-- What changed in the raw columns of sources, each change once.
CREATE TABLE IF NOT EXISTS etl.column_changes
(
    source      LowCardinality(String) COMMENT 'Name in the config',
    column      String COMMENT 'Name at the source',
    event       LowCardinality(String) COMMENT 'new, missing or retyped',
    was         LowCardinality(String) COMMENT 'Kind before, empty for a new column',
    is_now      LowCardinality(String) COMMENT 'Kind now, empty for a missing column',
    unit        String COMMENT 'First unit that showed it',
    run_id      String COMMENT 'Run that recorded it',
    recorded_at DateTime64(6, 'UTC') COMMENT 'When'
)
ENGINE = MergeTree
ORDER BY (source, recorded_at, column)
COMMENT 'Changes of the raw columns of sources';
