SELECT started_at AS time, rows_loaded, rows_rejected
FROM kpi.runs
