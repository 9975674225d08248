-- Tables of ours that are there already.
SELECT concat(database, '.', name) AS table
FROM system.tables
WHERE database IN ('etl', 'warehouse', 'kpi_core', 'kpi', 'kpi_engagement')
ORDER BY table
LIMIT 1;
