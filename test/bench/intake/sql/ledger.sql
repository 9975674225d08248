-- What the ledger says: units, those of them that are loaded, and rows that were read.
SELECT count(), countIf(status = 'loaded'), sum(rows_read)
FROM etl.units FINAL
