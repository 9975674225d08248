-- What one run did with each source: units as the ledger has them now, so that one which a later run loaded is not here.
SELECT
    toString(source) AS source,
    countIf(status = 'loaded')                        AS units_loaded,
    countIf(status = 'failed')                        AS units_failed,
    sumIf(rows_read, status = 'loaded')               AS rows_read,
    sum(bytes_read)                                   AS bytes_read
FROM etl.units FINAL
WHERE run_id = {run:String}
GROUP BY source
ORDER BY units_failed > 0 DESC, source
LIMIT 200;
