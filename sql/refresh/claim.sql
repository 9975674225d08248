-- The months that a run is about to recompute. They stay open until that run is through: whatever it swaps in last, or
-- leaves undone where it dies, is looked at again.
INSERT INTO etl.touched_months
SELECT arrayJoin({months:Array(Date32)}), '' AS source, 'refresh' AS unit, {run:String} AS version, 0 AS settled, now64(6) AS touched_at;
