-- What decides which rows a refresh reads: where the facts end, and the loads under way. A load is under way from its stage
-- being made, before it touches a month, until the ledger names it or its stage is gone: what it reveals, it reveals by then.
WITH staged AS
(
    SELECT DISTINCT extract(name, '_([0-9a-f]{32})_[0-9]+$') AS load
    FROM system.tables
    WHERE database = 'etl' AND startsWith(name, 'stage_')
)
SELECT
    (SELECT toString(arraySort(groupArray((table, last_block)))) FROM etl.fact_end) AS facts,
    (
        SELECT groupArray(load)
        FROM staged
        WHERE load NOT IN (SELECT replaceAll(load_id, '-', '') FROM etl.units FINAL WHERE status = 'loaded')
    ) AS under_way;
