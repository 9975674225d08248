-- Runs. The newest of each job stay: they say when it last ran. An event that was later than the load that brought it is
-- judged by now once that load's run is gone (kpi.future_dated).
SELECT run_id
FROM etl.runs FINAL
WHERE started_at < {before:DateTime64(6, 'UTC')}
    AND (job, started_at) NOT IN (SELECT job, max(started_at) FROM etl.runs FINAL GROUP BY job)
    AND (job, started_at) NOT IN (SELECT job, max(started_at) FROM etl.runs FINAL WHERE status IN ('done', 'rejects', 'checks') GROUP BY job);
