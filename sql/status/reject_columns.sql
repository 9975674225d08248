-- The columns that the raw rows of rejects have, in the order in which rows name them.
SELECT key
FROM
(
    SELECT arrayJoin(arrayEnumerate(JSONExtractKeys(raw) AS keys)) AS place, keys[place] AS key
    FROM etl.standing_rejects
    WHERE ({source:String} = '' OR source = {source:String}) AND ({unit:String} = '' OR unit = {unit:String}) AND ({run:String} = '' OR run_id = {run:String})
        AND ({rule:String} = '' OR rule = {rule:String}) AND ({reason:String} = '' OR positionCaseInsensitiveUTF8(reason, {reason:String}) > 0)
)
GROUP BY key
ORDER BY min(place), key;
