-- Stages that dead runs left behind.
SELECT name AS stage
FROM system.tables
WHERE database = 'etl' AND startsWith(name, 'stage_') AND metadata_modification_time < now() - INTERVAL 1 DAY;
