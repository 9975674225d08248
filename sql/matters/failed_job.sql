-- Jobs of the schedules in force, which the retries name, whose newest due time that is decided ended badly: failed for good,
-- skipped, or done with failed checks. One that failed is not decided while it may be tried again, and one that was skipped is done with once a later one
-- began. One that was interrupted is not decided for ten minutes: the next start catches it up.
WITH
    JSONExtract({retries:String}, 'Map(String, UInt32)') AS retries,
    occurrences AS
    (
        SELECT
            job, due_at, argMax((status, reason, attempt, by_hand, ifNull(finished_at, due_at)), attempt) AS last,
            countIf(status = 'failed') AS failures
        FROM etl.job_runs FINAL
        WHERE mapContains(retries, job)
        GROUP BY job, due_at
    ),
    decided AS
    (
        SELECT job, due_at, last.1 AS status, last.2 AS reason, last.3 AS attempt, last.5 AS ended_at
        FROM
        (
            SELECT
                job, due_at, last, failures,
                due_at = max(due_at) OVER (PARTITION BY job) AS is_newest,
                maxIf(due_at, last.1 NOT IN ('waiting', 'skipped')) OVER (PARTITION BY job) AS newest_begun
            FROM occurrences
        )
        WHERE last.1 NOT IN ('waiting', 'running')
            AND NOT (last.1 = 'failed' AND is_newest AND last.4 = 0 AND failures <= retries[job])
            AND NOT (last.1 = 'skipped' AND due_at < newest_begun)
            AND NOT (last.1 = 'interrupted' AND last.5 > now64(6) - INTERVAL 10 MINUTE)
    ),
    newest AS
    (
        SELECT job, argMax((status, reason, attempt, ended_at, due_at), due_at) AS d
        FROM decided
        GROUP BY job
    )
SELECT
    concat('failed_job:', job) AS key,
    if(d.1 = 'failed', 'critical', 'warning') AS severity,
    multiIf(
        d.1 = 'failed', concat('Job ', job, ' failed'),
        d.1 = 'skipped', concat('Job ', job, ' was skipped'),
        d.1 = 'checks', concat('Job ', job, ' found something wrong'),
        concat('Job ', job, ' was interrupted')) AS title,
    concat('Due ', formatDateTime(d.5, '%Y-%m-%d %H:%i', {zone:String}), if(d.3 > 1, concat(', tried ', toString(d.3), ' times'), ''),
        ': ', if(d.2 = '', d.1, d.2)) AS text,
    concat('partnerplus status shows its runs. Mend the cause, then: partnerplus run ', job) AS todo,
    d.4 AS since
FROM newest
WHERE d.1 IN ('failed', 'skipped', 'checks', 'interrupted')
ORDER BY key;
