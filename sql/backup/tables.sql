-- What a backup holds, and the part of it that each table is in. Parts are taken one after the other, in the order of the
-- numbers: a table that is written after another is taken before it (load/backup.go says why). A table of etl that is not
-- named here says what was done with the others, and is taken first. Computed tables are taken without their rows.
SELECT
    multiIf(
        database = 'kpi_core' AND NOT endsWith(name, '_setting'), '6-computed',
        database = 'kpi_core', '5-notes',
        database = 'warehouse', '4-facts',
        name IN ('rejects', 'redelivered', 'touched_months', 'settings', 'sources', 'source_columns', 'column_changes', 'closed_figures', 'differing_rows'), '5-notes',
        name IN ('unit_entities', 'replayed'), '3-accounts',
        name = 'units', '2-ledger',
        '1-progress') AS part,
    database,
    name AS table
FROM system.tables
WHERE database IN ('etl', 'warehouse', 'kpi_core') AND engine LIKE '%MergeTree' AND NOT startsWith(name, 'stage_')
ORDER BY part, database, table;
