-- Jobs: when each last ended well and last failed, how long its newest run took, and up to when its due times are done
-- with. Both ledgers count: a run by hand is in etl.runs alone, and a job that loads nothing in etl.job_runs alone.
WITH runs AS
(
    SELECT toString(job) AS job, started_at AS due_at, assumeNotNull(started_at) AS started_at, assumeNotNull(finished_at) AS finished_at, toString(status) AS status
    FROM etl.runs FINAL
    WHERE finished_at IS NOT NULL
    UNION ALL
    SELECT toString(job), due_at, assumeNotNull(started_at), assumeNotNull(finished_at), toString(status)
    FROM etl.job_runs FINAL
    WHERE started_at IS NOT NULL AND finished_at IS NOT NULL
)
SELECT metric, [job] AS labels, figure AS value
FROM
(
    SELECT
        job,
        [
            maxIf(toUnixTimestamp64Milli(finished_at), status IN ('done', 'rejects', 'checks')) / 1000,
            maxIf(toUnixTimestamp64Milli(finished_at), status = 'failed') / 1000,
            argMax(dateDiff('millisecond', started_at, finished_at), finished_at) / 1000,
            maxIf(toUnixTimestamp64Milli(due_at), status IN ('done', 'rejects', 'checks')) / 1000
        ] AS figures
    FROM runs
    GROUP BY job
    ORDER BY max(finished_at) DESC
    LIMIT 100
)
ARRAY JOIN
    [
        'job_last_success_timestamp_seconds',
        'job_last_failure_timestamp_seconds',
        'job_last_duration_seconds',
        'job_due_met_timestamp_seconds'
    ] AS metric,
    figures AS figure
WHERE figure > 0 OR metric = 'job_last_duration_seconds';
