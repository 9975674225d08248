-- What changed in the raw columns of a source. Where the answer was lost, it is there already.
INSERT INTO etl.column_changes (source, column, event, was, is_now, unit, run_id, recorded_at)
SELECT {source:String}, c.1, c.2, c.3, c.4, c.5, {run:String}, now64(6)
FROM (SELECT arrayJoin(JSONExtract({changes:String}, 'Array(Tuple(String, String, String, String, String))')) AS c)
WHERE (c.1, c.2, c.5, {run:String}) NOT IN (SELECT column, event, unit, run_id FROM etl.column_changes WHERE source = {source:String});
