-- Views and metrics are replaced when their file changes; this is what was applied last.
CREATE TABLE IF NOT EXISTS etl.schema_objects
(
    name       String COMMENT 'File below sql/',
    checksum   String,
    applied_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY name
COMMENT 'Views and metrics as applied';
