-- What a backup says of itself, a row a table, read from the copy of its etl.backups.
SELECT base, entry.1 AS part, entry.2 AS database, entry.3 AS table
FROM
(
    SELECT base, tables
    FROM backup_check.backups FINAL
    WHERE name = {name:String}
    ORDER BY began_at DESC
    LIMIT 1
)
ARRAY JOIN tables AS entry;
