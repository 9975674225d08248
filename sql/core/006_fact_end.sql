-- Where the facts end: each part that comes in gets a block number above all before it in its table.
CREATE OR REPLACE VIEW etl.fact_end AS
SELECT toString(p.table) AS table, max(p.max_block_number) AS last_block, sumIf(p.rows, p.active) AS rows
FROM system.parts AS p
WHERE p.database = 'warehouse'
GROUP BY p.table;
