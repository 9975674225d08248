-- A dimension touches no month of events, but what is computed from it.
INSERT INTO etl.touched_months
SELECT toDate32('1900-01-01'), {source:String}, {unit:String}, {version:String}, 0, now64(6);
