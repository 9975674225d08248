-- The months that a load touches, unit by unit, before any of its rows is visible.
INSERT INTO etl.touched_months (month, source, unit, version, load_id, settled, touched_at)
SELECT month, {source:String}, unit, version, {load:String}, 0, now64(6)
FROM given;
