-- Where the facts end: each part that comes in gets a block number above all before it in its table, on its shard. Replicas
-- share their numbers; what one has not fetched yet, another has. A server that is away is left out: whatever reads
-- the facts then fails by itself, if no other has its shard.
CREATE OR REPLACE VIEW etl.fact_end AS
SELECT replaceRegexpOne(s.table, '_shard$', '') AS table, sum(s.last_block) AS last_block, sum(s.rows) AS rows
FROM
(
    SELECT r.table AS table, if(r.path = '', toString(r.server), r.path) AS shard, max(r.last_block) AS last_block, max(r.rows) AS rows
    FROM
    (
        SELECT _shard_num AS server, p.table AS table, p.path AS path, max(p.last_block) AS last_block, sum(p.rows) AS rows
        FROM clusterAllReplicas({cluster:String}, view(
            SELECT toString(p.table) AS table, r.zookeeper_path AS path, p.max_block_number AS last_block, if(p.active, p.rows, 0) AS rows
            FROM system.parts AS p
            LEFT JOIN system.replicas AS r ON p.database = r.database AND p.table = r.table
            WHERE p.database = 'warehouse'
        )) AS p
        GROUP BY server, table, path
    ) AS r
    GROUP BY table, shard
) AS s
GROUP BY table
SETTINGS skip_unavailable_shards = 1;
