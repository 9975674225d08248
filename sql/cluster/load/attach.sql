-- The rows of the load become visible, block by block, each row on the shard of its key. It is done once all shards have them,
-- and most replicas of each.
INSERT INTO warehouse.{facts:Identifier}
SETTINGS distributed_foreground_insert = 1, insert_quorum = 'auto', insert_quorum_parallel = 0
SELECT *
FROM etl.{stage:Identifier};
