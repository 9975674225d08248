-- Since when an occurrence waits, so that its patience outlasts a restart.
ALTER TABLE etl.job_runs
    ADD COLUMN IF NOT EXISTS waiting_since Nullable(DateTime64(6, 'UTC')) COMMENT 'Since when it waits or waited; NULL where it did not' AFTER missed;
