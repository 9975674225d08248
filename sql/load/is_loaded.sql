-- Whether the ledger names this load.
SELECT count() AS loads
FROM etl.units FINAL
WHERE source = {source:String} AND unit = {unit:String} AND version = {version:String} AND load_id = {load:String};
