-- Runs, without what their errors say and where they ran: that is for who runs the pipeline (partnerplus status).
CREATE OR REPLACE VIEW kpi.runs
(
    run_id        String COMMENT 'Sortable by time (UUIDv7)',
    job           LowCardinality(String) COMMENT 'Job of the schedules, or what was run by hand: manual, backfill, replay, repair',
    started_at    DateTime64(6, 'UTC') COMMENT 'When it began',
    finished_at   Nullable(DateTime64(6, 'UTC')) COMMENT 'NULL while it runs, and for ever if it was killed',
    seconds       Nullable(Decimal(18, 3)) COMMENT 'How long it took',
    status        LowCardinality(String) COMMENT 'running, done, rejects, checks, failed or interrupted',
    units_listed  UInt64 COMMENT 'Units that the sources offer',
    units_loaded  UInt64 COMMENT 'Units new or changed, loaded by this run',
    units_failed  UInt64 COMMENT 'Units that could not be loaded',
    rows_read     UInt64 COMMENT 'Rows of the units that it loaded',
    rows_loaded   UInt64 COMMENT 'Rows that went into the facts',
    rows_rejected UInt64 COMMENT 'Rows that were rejected',
    bytes_read    UInt64 COMMENT 'Bytes that it read'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT
    run_id, job, started_at, finished_at,
    toDecimal64(dateDiff('millisecond', started_at, finished_at) / 1000, 3) AS seconds,
    status, units_listed, units_loaded, units_failed, rows_read, rows_loaded, rows_rejected, bytes_read
FROM etl.runs FINAL
COMMENT 'Runs of the pipeline: how long each took, and what became of its rows';
