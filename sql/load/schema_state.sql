-- Which of the two tables that migrating itself needs are there, and whether a restore was begun that has not ended.
SELECT
    (SELECT count() FROM system.tables WHERE database = 'etl' AND name IN ('schema_migrations', 'schema_objects')) AS tables,
    (SELECT count() FROM system.databases WHERE name = 'restore_unfinished') > 0 AS is_half;
