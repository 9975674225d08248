-- What runs read of a source. The newest 100 of each source and job stay: by them the next run is measured.
SELECT source, job, run_id
FROM
(
    SELECT source, job, run_id, updated_at, row_number() OVER (PARTITION BY source, job ORDER BY run_id DESC) AS place
    FROM etl.source_runs FINAL
)
WHERE place > 100 AND updated_at < {before:DateTime64(6, 'UTC')};
