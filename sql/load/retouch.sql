-- The same months once more, after the rows became visible: whoever recomputed them in between saw the old rows.
INSERT INTO etl.touched_months
SELECT DISTINCT month, source, unit, version, 0 AS settled, now64(6) AS touched_at
FROM etl.touched_months
WHERE source = {source:String} AND unit = {unit:String} AND version = {version:String};
