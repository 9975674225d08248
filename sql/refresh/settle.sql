-- What the edition contains is settled: months whose loads, when the refresh began, had nothing left that could become
-- visible. One microsecond later than the touch.
INSERT INTO etl.touched_months (month, source, unit, version, load_id, settled, touched_at)
SELECT month, source, unit, version, load_id, 1, touched_at + INTERVAL 1 MICROSECOND
FROM etl.touched_months FINAL
WHERE settled = 0 AND touched_at <= {before:DateTime64(6, 'UTC')} AND NOT has({under_way:Array(String)}, replaceAll(load_id, '-', ''));
