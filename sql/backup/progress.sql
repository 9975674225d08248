-- How far the server is with a BACKUP or RESTORE that it was given under this query id; no row: it does not know of it.
SELECT toString(status) AS status, error, uncompressed_size AS bytes
FROM system.backups
WHERE query_id = {query:String};
