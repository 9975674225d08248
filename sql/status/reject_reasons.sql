-- Rejects that stand, by source, entity, column, rule and reason, whatever values and numbers the reasons name.
SELECT
    source, entity, column, rule,
    replaceRegexpAll(replaceRegexpAll(reason, '"([^"\\\\]|\\\\.)*"…?', '"…"'), '-?[0-9][0-9.,]*', 'N') AS pattern,
    count() AS rejects, min(reason) AS example, argMin(id, (recorded_at, unit, position)) AS first_id
FROM etl.standing_rejects
WHERE ({source:String} = '' OR source = {source:String}) AND ({unit:String} = '' OR unit = {unit:String}) AND ({run:String} = '' OR run_id = {run:String})
    AND ({rule:String} = '' OR rule = {rule:String}) AND ({reason:String} = '' OR positionCaseInsensitiveUTF8(reason, {reason:String}) > 0)
GROUP BY source, entity, column, rule, pattern
ORDER BY rejects DESC, source, entity, column, rule, pattern;
