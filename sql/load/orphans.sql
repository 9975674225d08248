-- Stages, with the process that fills each, and whether they are a day old.
SELECT name AS stage, extract(comment, 'Owner: (\\w+)') AS owner, metadata_modification_time < now() - INTERVAL 1 DAY AS is_old
FROM system.tables
WHERE database = 'etl' AND startsWith(name, 'stage_');
