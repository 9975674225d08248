-- What became of the newest due time of each job, and when the job last ended well.
SELECT
    job,
    newest.1              AS due_at,
    newest.2              AS attempt,
    toString(newest.3)    AS status,
    newest.4              AS reason,
    newest.5              AS missed,
    newest.6              AS started_at,
    newest.7              AS finished_at,
    newest.8              AS run_id,
    toBool(newest.9)      AS is_by_hand,
    good_at
FROM
(
    SELECT
        toString(job) AS job,
        argMax((due_at, attempt, status, substringUTF8(reason, 1, 500), missed, started_at, finished_at, run_id, by_hand), (due_at, attempt)) AS newest,
        maxIf(finished_at, status IN ('done', 'rejects')) AS good_at
    FROM etl.job_runs FINAL
    GROUP BY job
)
ORDER BY job
LIMIT 200;
