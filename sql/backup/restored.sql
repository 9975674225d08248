-- Says of the backup that this warehouse was restored from that it is whole: its own row is from when it was begun. When it
-- ended is not known. It may have been moved to another place since.
INSERT INTO etl.backups (name, place, base, tables, began_at, finished_at, bytes, updated_at)
SELECT name, arrayJoin(arrayDistinct([own.place, {place:String}])) AS place, base, tables, began_at, began_at, {bytes:UInt64}, now64(6)
FROM
(
    SELECT name, place, base, tables, began_at
    FROM etl.backups FINAL
    WHERE name = {name:String}
    ORDER BY began_at DESC
    LIMIT 1
) AS own;
