-- What became of the newest due time of each job; what needs a look first.
SELECT job, status, due_at, attempt, started_at, finished_at, seconds, missed, by_hand, run_id
FROM kpi.job_runs
WHERE is_newest
ORDER BY indexOf(['failed', 'checks', 'interrupted', 'skipped', 'rejects', 'waiting', 'running', 'done'], status), job
