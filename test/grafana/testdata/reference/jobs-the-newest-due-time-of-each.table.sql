-- The last attempt of the last due time.
SELECT *
FROM kpi.job_runs
ORDER BY due_at DESC, attempt DESC
LIMIT 1 BY job
