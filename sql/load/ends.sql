-- Where the facts end: each part that comes in gets a number above all before it in its table. And how many parts a stage
-- adds, and whether the entity has any row yet.
SELECT
    maxIf(last_block, table = {facts:String})                                       AS newest,
    sumIf(rows_in, table = {facts:String})                                          AS rows,
    toString(arraySort(groupArrayIf((table, last_block), table != {facts:String}))) AS others,
    (SELECT count() FROM system.parts WHERE database = 'etl' AND table = {stage:String} AND active) AS staged
FROM
(
    SELECT toString(table) AS table, max(max_block_number) AS last_block, sumIf(rows, active) AS rows_in
    FROM system.parts
    WHERE database = 'warehouse'
    GROUP BY table
);
