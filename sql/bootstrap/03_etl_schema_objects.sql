-- Views are replaced when their file changes and dropped when it goes; this is what was applied last.
CREATE TABLE IF NOT EXISTS etl.schema_objects
(
    object     String COMMENT 'Database and name of the view',
    checksum   String COMMENT 'SHA-256 of its file; empty once dropped',
    applied_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY object
COMMENT 'Views as applied';
