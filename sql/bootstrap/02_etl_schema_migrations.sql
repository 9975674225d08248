-- Migrations that were applied. They only go forward.
CREATE TABLE IF NOT EXISTS etl.schema_migrations
(
    version    UInt32 COMMENT 'Number of the file in sql/migrations',
    name       String,
    checksum   String COMMENT 'SHA-256 of the file',
    applied_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY version
COMMENT 'Migrations that were applied';
