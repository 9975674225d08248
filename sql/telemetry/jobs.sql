-- Jobs of the schedules in force: when each last ended well and last failed, and how long its newest run took. A run that loads only a part, or is no
-- job's, does not count.
SELECT metric, [job] AS labels, figure AS value
FROM
(
    SELECT
        toString(job) AS job,
        [
            maxIf(toUnixTimestamp64Milli(assumeNotNull(finished_at)), status IN ('done', 'rejects', 'checks')) / 1000,
            maxIf(toUnixTimestamp64Milli(assumeNotNull(finished_at)), status = 'failed') / 1000,
            argMax(dateDiff('millisecond', assumeNotNull(started_at), assumeNotNull(finished_at)), finished_at) / 1000
        ] AS figures
    FROM etl.job_runs FINAL
    WHERE has(JSONExtract({jobs:String}, 'Array(String)'), job) AND started_at IS NOT NULL AND finished_at IS NOT NULL
    GROUP BY job
    ORDER BY max(finished_at) DESC
    LIMIT 100
)
ARRAY JOIN
    ['job_last_success_timestamp_seconds', 'job_last_failure_timestamp_seconds', 'job_last_duration_seconds'] AS metric,
    figures AS figure
WHERE figure > 0 OR metric = 'job_last_duration_seconds';
