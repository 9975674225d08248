-- What the runs that began in a span of time did.
SELECT
    count() AS runs,
    countIf(status IN ('failed', 'interrupted') OR status = 'running' AND started_at < now64(6) - INTERVAL 24 HOUR) AS failed_runs,
    sum(units_loaded) AS units_loaded,
    sum(units_failed) AS units_failed,
    sum(rows_read) AS rows_read,
    sum(rows_loaded) AS rows_loaded,
    sum(rows_rejected) AS rows_rejected
FROM etl.runs FINAL
WHERE started_at >= {from:DateTime64(6, 'UTC')} AND started_at < {to:DateTime64(6, 'UTC')};
