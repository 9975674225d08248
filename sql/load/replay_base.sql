-- What one load's account says was rejected, in each mapping: what a replay of its rejects starts from.
SELECT mapping, toString(entity) AS entity, rows_rejected
FROM etl.replayed FINAL
WHERE source = {source:String} AND unit = {unit:String} AND version = {version:String} AND load_id = {load:String}
UNION ALL
SELECT mapping, toString(entity) AS entity, rows_rejected
FROM etl.unit_entities FINAL
WHERE source = {source:String} AND unit = {unit:String} AND version = {version:String} AND load_id = {load:String};
