-- What the ledger says of a source's units.
SELECT unit, version, status, mapping, delivered_at, rows_read, updated_at
FROM etl.units FINAL
WHERE source = {source:String};
