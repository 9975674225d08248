-- Where the facts end, of one table and of the others. And how many parts a stage adds, and whether the entity has any row yet.
SELECT
    maxIf(last_block, table = {facts:String})                                       AS newest,
    sumIf(e.rows, table = {facts:String})                                           AS rows,
    toString(arraySort(groupArrayIf((table, last_block), table != {facts:String}))) AS others,
    (SELECT count() FROM system.parts WHERE database = 'etl' AND table = {stage:String} AND active) AS staged
FROM etl.fact_end AS e;
