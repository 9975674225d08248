-- What the ledger knows of each job: its newest attempt of any kind and, where that is another, the newest that was due; and
-- of both the same sums. Times that there are not are 1970.
WITH occurrences AS
(
    SELECT
        job, due_at, by_hand,
        countIf(status = 'failed') AS failures,
        argMax(tuple(attempt, status, reason, missed, waiting_since, started_at, finished_at, run_id, holder), attempt) AS newest
    FROM etl.job_runs FINAL
    GROUP BY job, due_at, by_hand
),
jobs AS
(
    SELECT
        job,
        maxIf(due_at, by_hand = 0 AND newest.2 != 'waiting') AS settled_at,
        maxIf(due_at, newest.2 IN ('done', 'rejects', 'checks')) AS good_at,
        argMaxIf(tuple(due_at, by_hand, failures, newest), due_at, by_hand = 0) AS last,
        argMax(tuple(due_at, by_hand, failures, newest), due_at) AS of_any_kind,
        arrayJoin(if(of_any_kind.2 = 0 OR last.4.1 = 0, [of_any_kind], [last, of_any_kind])) AS run
    FROM occurrences
    GROUP BY job
)
SELECT
    job, settled_at, good_at, last.3 AS last_failures,
    run.1 AS due_at, run.2 AS by_hand, run.4.1 AS attempt, run.4.2 AS status, run.4.3 AS reason, run.4.4 AS missed,
    run.4.5 AS waiting_since, run.4.6 AS started_at, run.4.7 AS finished_at, run.4.8 AS run_id, run.4.9 AS holder
FROM jobs
ORDER BY job, by_hand;
