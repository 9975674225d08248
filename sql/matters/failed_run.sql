-- Runs that ended badly, of jobs that etl.job_runs does not know: it has the schedules' own. The newest run of each counts; one
-- that somebody started without a job is done with once any run ended well. One that was interrupted is none for ten minutes.
WITH
    ended AS
    (
        SELECT run_id, job, status, error, started_at, ifNull(finished_at, started_at) AS ended_at
        FROM etl.runs FINAL
        WHERE status NOT IN ('running', 'interrupted') OR status = 'interrupted' AND finished_at <= now64(6) - INTERVAL 10 MINUTE
    ),
    (SELECT max(started_at) FROM ended WHERE status IN ('done', 'rejects')) AS newest_good,
    newest AS
    (
        SELECT job, argMax((status, error, started_at, ended_at, run_id), started_at) AS r
        FROM ended
        WHERE job NOT IN (SELECT job FROM etl.job_runs)
        GROUP BY job
    )
SELECT
    concat('failed_run:', job) AS key,
    if(r.1 = 'failed', 'critical', 'warning') AS severity,
    multiIf(
        r.1 = 'failed', concat('A run of ', job, ' failed'),
        r.1 = 'checks', concat('A run of ', job, ' found something wrong'),
        concat('A run of ', job, ' was interrupted')) AS title,
    concat('Run ', r.5, ' of ', formatDateTime(r.3, '%Y-%m-%d %H:%i', {zone:String}), ': ', if(r.2 = '', r.1, substringUTF8(r.2, 1, 1000))) AS text,
    concat('partnerplus status ', r.5, ' shows the run. Mend the cause, then: partnerplus run', if(job IN ('manual', 'backfill', 'replay', 'repair'), '', concat(' ', job))) AS todo,
    r.4 AS since
FROM newest
WHERE r.1 IN ('failed', 'checks', 'interrupted') AND NOT (job IN ('manual', 'backfill', 'replay', 'repair') AND newest_good > r.3)
ORDER BY key;
