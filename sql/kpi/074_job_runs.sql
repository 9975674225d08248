-- What became of each time that a job was due, without the reasons of failures: they may quote what a source said.
CREATE OR REPLACE VIEW kpi.job_runs
(
    job         LowCardinality(String) COMMENT 'Job of the schedules',
    due_at      DateTime64(6, 'UTC') COMMENT 'When it was due; of a run by hand, when it was asked for',
    attempt     UInt16 COMMENT 'From 1; a retry counts on',
    status      LowCardinality(String) COMMENT 'waiting, running, done, rejects, checks, failed, interrupted or skipped',
    missed      UInt32 COMMENT 'Earlier due times that this run makes up for',
    started_at  Nullable(DateTime64(6, 'UTC')) COMMENT 'NULL where it did not begin',
    finished_at Nullable(DateTime64(6, 'UTC')) COMMENT 'NULL until it ends, and for ever if it was killed',
    seconds     Nullable(Decimal(18, 3)) COMMENT 'How long it took',
    run_id      String COMMENT 'Its first run in kpi.runs; empty where it loaded nothing',
    by_hand     UInt8 COMMENT '1 where somebody asked for it, 0 where it was due',
    is_newest   UInt8 COMMENT '1 for the newest attempt of the job''s newest due time'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT
    job, due_at, attempt, status, missed, started_at, finished_at,
    toDecimal64(dateDiff('millisecond', started_at, finished_at) / 1000, 3) AS seconds,
    run_id, by_hand,
    row_number() OVER (PARTITION BY job ORDER BY due_at DESC, attempt DESC) = 1 AS is_newest
FROM etl.job_runs FINAL
COMMENT 'Due times of jobs, and what became of them';
