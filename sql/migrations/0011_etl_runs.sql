-- One row a run; rewritten when it ends.
CREATE TABLE IF NOT EXISTS etl.runs
(
    run_id        String COMMENT 'Sortable by time (UUIDv7)',
    job           LowCardinality(String) COMMENT 'Job of the schedules, or manual',
    started_at    DateTime64(6, 'UTC'),
    finished_at   Nullable(DateTime64(6, 'UTC')) COMMENT 'NULL while it runs, and for ever if it was killed',
    status        LowCardinality(String) COMMENT 'running, done, rejects, failed or interrupted',
    units_listed  UInt64 COMMENT 'Units that the sources offer',
    units_loaded  UInt64 COMMENT 'Units new or changed, loaded by this run',
    units_failed  UInt64,
    rows_read     UInt64,
    rows_loaded   UInt64 COMMENT 'Canonical rows that went into the facts',
    rows_rejected UInt64,
    bytes_read    UInt64,
    error         String,
    host          String,
    pid           UInt32,
    updated_at    DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY run_id
COMMENT 'Runs of the pipeline';
