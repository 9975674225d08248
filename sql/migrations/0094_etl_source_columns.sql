-- The raw columns of each source, as its loads had them: what the next load is compared with.
CREATE TABLE IF NOT EXISTS etl.source_columns
(
    source     LowCardinality(String) COMMENT 'Name in the config',
    column     String COMMENT 'Name at the source',
    kind       LowCardinality(String) COMMENT 'empty, integer, decimal, date, time, boolean, text or other',
    is_typed   UInt8 COMMENT '1 where the format says the kind, 0 where it was found in values',
    is_always  UInt8 COMMENT '1 where every load had the column, and every row a value where keys may be absent',
    unit       String COMMENT 'Unit that said so',
    run_id     String COMMENT 'Its run',
    updated_at DateTime64(6, 'UTC') COMMENT 'When this was recorded'
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (source, column)
COMMENT 'Raw columns of each source';
