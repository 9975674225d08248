-- Rows that are rejected and stand, newest delivery first.
SELECT id, source, unit, entity, position, column, rule, reason, raw, run_id, recorded_at
FROM etl.standing_rejects
WHERE ({source:String} = '' OR source = {source:String}) AND ({unit:String} = '' OR unit = {unit:String}) AND ({run:String} = '' OR run_id = {run:String})
    AND ({rule:String} = '' OR rule = {rule:String}) AND ({reason:String} = '' OR positionCaseInsensitiveUTF8(reason, {reason:String}) > 0)
ORDER BY recorded_at DESC, source, unit, position, mapping
LIMIT {limit:UInt64};
