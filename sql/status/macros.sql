-- How many shards and servers of a cluster their macros tell apart.
SELECT uniqExactIf(shard, shard != '') AS shards, uniqExactIf((shard, replica), shard != '' AND replica != '') AS servers
FROM
(
    SELECT anyIf(m.substitution, m.macro = 'shard') AS shard, anyIf(m.substitution, m.macro = 'replica') AS replica
    FROM clusterAllReplicas({cluster:String}, system.macros) AS m
    GROUP BY _shard_num
);
