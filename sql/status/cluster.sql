-- What the server knows of a cluster: its shards and servers, and how many of these are not itself.
SELECT uniqExact(shard_num) AS shards, count() AS servers, countIf(NOT is_local) AS others
FROM system.clusters
WHERE cluster = {cluster:String};
