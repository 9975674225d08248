-- Rows that broke the contract. Those of the attempt that the ledger names for the unit stand: etl.open_rejects.
CREATE TABLE IF NOT EXISTS etl.rejects
(
    source      LowCardinality(String),
    unit        String,
    run_id      String,
    load_id     String COMMENT 'Attempt to load the unit',
    entity      LowCardinality(String) COMMENT 'Empty where the format could not read the row',
    position    UInt64 COMMENT 'Place of the row in its unit, from 1',
    column      LowCardinality(String) COMMENT 'Canonical column that failed, empty where none',
    reason      String,
    raw         String COMMENT 'The row as it came' CODEC(ZSTD(3)),
    recorded_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (source, unit, load_id, entity, position, column)
COMMENT 'Rejected rows with their reasons';
