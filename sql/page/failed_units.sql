-- Units that failed and were not loaded since: of one run, or of one source.
SELECT source, unit, newest.2 AS run_id, newest.3 AS failed_at, substringUTF8(newest.4, 1, 2000) AS error
FROM
(
    SELECT toString(source) AS source, unit, argMax((status, run_id, updated_at, error), updated_at) AS newest
    FROM etl.units FINAL
    WHERE {source:String} = '' OR source = {source:String}
    GROUP BY source, unit
)
WHERE newest.1 = 'failed' AND ({run:String} = '' OR run_id = {run:String})
ORDER BY failed_at DESC, source, unit
LIMIT {limit:UInt32};
