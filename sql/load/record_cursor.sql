-- Where a source goes on: written once all that was listed is loaded.
INSERT INTO etl.cursors (source, cursor, place, run_id, updated_at)
SELECT {source:String}, {cursor:String}, {place:String}, {run:String}, now64(6);
