-- One series a job.
SELECT started_at AS time, job, seconds
FROM kpi.runs
WHERE seconds >= 0
