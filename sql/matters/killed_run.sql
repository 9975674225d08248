-- Runs that the ledger shows as running, newest of their job: of a process that may have died. Who looks leaves out those whose
-- process lives on its own machine; those of other machines count once they are too old.
SELECT
    concat('killed_run:', job) AS key,
    'warning' AS severity,
    concat('A run of ', job, ' never ended') AS title,
    concat('Run ', r.2, ' began ', formatDateTime(since, '%Y-%m-%d %H:%i', {zone:String}), ' on ', r.3, ', process ', toString(r.4), ', and never said how it ended.') AS text,
    concat('The next run does what it left undone: partnerplus run', if(job IN ('manual', 'backfill', 'replay', 'repair'), '', concat(' ', job)), '. Look why it was killed: memory, a restart, a full disk.') AS todo,
    r.5 AS since,
    r.3 AS host,
    r.4 AS pid,
    r.5 < now64(6) - INTERVAL 24 HOUR AS is_too_old
FROM
(
    SELECT job, argMax((status, run_id, host, pid, started_at), started_at) AS r
    FROM etl.runs FINAL
    GROUP BY job
)
WHERE r.1 = 'running'
ORDER BY key;
