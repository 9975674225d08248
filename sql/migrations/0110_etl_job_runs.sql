-- What became of each time that a job was due: one row an attempt, rewritten as it goes on.
CREATE TABLE IF NOT EXISTS etl.job_runs
(
    job         LowCardinality(String) COMMENT 'Job of the schedules',
    due_at      DateTime64(6, 'UTC') COMMENT 'When it was due; of a run by hand, when it was asked for',
    attempt     UInt16 COMMENT 'From 1; a retry counts on',
    status      LowCardinality(String) COMMENT 'waiting, running, done, rejects, checks, failed, interrupted or skipped',
    reason      String COMMENT 'Why it waits, was skipped or failed',
    missed      UInt32 COMMENT 'Earlier due times that this run makes up for',
    started_at  Nullable(DateTime64(6, 'UTC')) COMMENT 'NULL where it did not begin',
    finished_at Nullable(DateTime64(6, 'UTC')) COMMENT 'NULL until it ends, and for ever if it was killed',
    run_id      String COMMENT 'Its first run in etl.runs; empty where it loaded nothing',
    holder      String COMMENT 'Host and process that ran it',
    by_hand     UInt8 COMMENT '1 where somebody asked for it, 0 where it was due',
    updated_at  DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (job, due_at, attempt)
COMMENT 'Due times of jobs, and what became of them';
