-- The newest backup at a place that is whole by itself.
SELECT name
FROM etl.backups FINAL
WHERE place = {place:String} AND base = '' AND finished_at IS NOT NULL
ORDER BY began_at DESC
LIMIT 1;
