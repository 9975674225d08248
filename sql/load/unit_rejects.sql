-- The next rejects of one load, mapping by mapping and row by row.
SELECT mapping, position, entity, column, rule, reason, raw, sparse
FROM etl.rejects FINAL
WHERE source = {source:String} AND unit = {unit:String} AND load_id = {load:String}
    AND (mapping, position) > ({mapping:UInt16}, {position:UInt64})
ORDER BY mapping, position, column
LIMIT {limit:UInt32};
