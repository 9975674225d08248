-- Fingerprints of rows whose key was delivered more than once. The facts keep the winner of each key only, so what could
-- conflict is noted here before it is replaced (sql/load/redelivered_*.sql). kpi.duplicates reads it.
CREATE TABLE IF NOT EXISTS etl.redelivered
(
    entity       LowCardinality(String) COMMENT 'Entity of the row',
    key_1        String COMMENT 'First column of the business key, as text',
    key_2        String COMMENT 'Second column of the business key, as text; of programs the first one again',
    version      UInt64 COMMENT 'Version of the row',
    content      FixedString(16) COMMENT 'SipHash of all columns but the key, the version and the provenance',
    source       LowCardinality(String) COMMENT 'Source of the row',
    unit         LowCardinality(String) COMMENT 'Unit of the row',
    source_row   UInt64 COMMENT 'Place of the row in its unit, from 1',
    delivered_at DateTime64(6, 'UTC') COMMENT 'When the unit was delivered, the last time with this content at this place',
    happened_at  Nullable(DateTime64(6, 'UTC')) COMMENT 'Time of the event; NULL for dimensions',
    run_at       DateTime64(3, 'UTC') COMMENT 'Start of the run that loaded the row, from its id'
)
ENGINE = ReplacingMergeTree(run_at)
ORDER BY (entity, key_1, key_2, version, content, source, unit, source_row)
COMMENT 'Fingerprints of rows whose key was delivered more than once';
