-- A table of ours that has rows, besides those that a migration writes. What keeps its rows elsewhere, and is no view, is
-- somebody's own.
SELECT concat(database, '.', name) AS table
FROM system.tables
WHERE database IN ('etl', 'warehouse', 'kpi_core', 'kpi', 'kpi_engagement', 'kpi_support')
    AND if(total_rows IS NULL, engine != 'View', total_rows > 0)
    AND NOT (database = 'etl' AND name IN ('schema_migrations', 'schema_objects', 'settings', 'touched_months'))
ORDER BY table
LIMIT 1;
