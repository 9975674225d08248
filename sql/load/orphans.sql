-- Stages and workshops that dead runs left behind.
SELECT name AS stage
FROM system.tables
WHERE database = 'etl' AND (startsWith(name, 'stage_') OR startsWith(name, 'workshop_')) AND metadata_modification_time < now() - INTERVAL 1 DAY;
