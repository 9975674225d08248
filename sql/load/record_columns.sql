-- The raw columns of a source that are not as they were recorded.
INSERT INTO etl.source_columns (source, column, kind, is_typed, is_always, unit, run_id, updated_at)
SELECT {source:String}, c.1, c.2, c.3, c.4, c.5, {run:String}, now64(6)
FROM (SELECT arrayJoin(JSONExtract({columns:String}, 'Array(Tuple(String, String, UInt8, UInt8, String))')) AS c);
