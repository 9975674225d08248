-- What became of a due time of a job: one attempt, as it stands now.
INSERT INTO etl.job_runs (job, due_at, attempt, status, reason, missed, waiting_since, started_at, finished_at, run_id, holder, by_hand, updated_at)
SELECT {job:String}, {due:DateTime64(6, 'UTC')}, {attempt:UInt16}, {status:String}, {reason:String}, {missed:UInt32},
    {since:Nullable(DateTime64(6, 'UTC'))}, {started:Nullable(DateTime64(6, 'UTC'))}, {finished:Nullable(DateTime64(6, 'UTC'))},
    {run:String}, {holder:String}, {by_hand:UInt8}, now64(6);
