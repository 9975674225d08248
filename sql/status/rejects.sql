-- Rejects that stand, newest first.
SELECT source, unit, entity, position, column, reason, raw, run_id, recorded_at
FROM etl.open_rejects
WHERE ({source:String} = '' OR source = {source:String}) AND ({run:String} = '' OR run_id = {run:String})
ORDER BY recorded_at DESC, source, unit, position
LIMIT {limit:UInt32};
