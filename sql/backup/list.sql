-- The backups that were made from here, or before this warehouse was restored from one; the newest first.
SELECT name, place, base, began_at, finished_at, bytes
FROM etl.backups FINAL
ORDER BY began_at DESC, name;
