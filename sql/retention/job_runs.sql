-- Due times of jobs. The newest 100 of each job stay: by them it is known what was missed.
SELECT job, due_at
FROM
(
    SELECT job, due_at, row_number() OVER (PARTITION BY job ORDER BY due_at DESC) AS place
    FROM (SELECT DISTINCT job, due_at FROM etl.job_runs)
)
WHERE place > 100 AND due_at < {before:DateTime64(6, 'UTC')};
