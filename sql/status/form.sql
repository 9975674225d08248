-- Whether the warehouse is that of a cluster. No row where there is none yet.
SELECT engine = 'Distributed' AS is_clustered
FROM system.tables
WHERE database = 'warehouse' AND name = 'awards';
