-- What each run read of each source: what the next run is measured against.
CREATE TABLE IF NOT EXISTS etl.source_runs
(
    source       LowCardinality(String) COMMENT 'Name in the config',
    job          LowCardinality(String) COMMENT 'Job of the run: jobs differ in how much is new to them',
    run_id       String COMMENT 'Sortable by time (UUIDv7)',
    is_usual     UInt8 COMMENT '0 for a run that loaded again, or only a part: it measures nothing',
    units_loaded UInt64 COMMENT 'Units that it loaded',
    rows_read    UInt64 COMMENT 'Rows that it read, of units that it loaded or found unchanged',
    updated_at   DateTime64(6, 'UTC') COMMENT 'When the source was done'
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (source, job, run_id)
COMMENT 'Rows that each run read of each source';
