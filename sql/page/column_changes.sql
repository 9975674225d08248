-- The newest changes of the raw columns of one source.
SELECT column, toString(event) AS event, toString(was) AS was, toString(is_now) AS is_now, recorded_at
FROM etl.column_changes
WHERE source = {source:String}
ORDER BY recorded_at DESC, column
LIMIT {limit:UInt32};
