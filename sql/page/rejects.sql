-- Rejects that stand, by source and rule, with one reason each. The values in it are left out: they may be personal.
-- Entries without a rate are told of apart: page/unrated.sql.
SELECT
    source, rule, rejects, since,
    replaceRegexpAll(replaceRegexpAll(substringUTF8(example, 1, 1000), '"([^"\\\\]|\\\\.)*"…?', '"…"'), '-?[0-9][0-9.,]*', 'N') AS reason
FROM
(
    SELECT toString(source) AS source, toString(rule) AS rule, count() AS rejects, min(recorded_at) AS since, argMin(reason, (recorded_at, unit, position)) AS example
    FROM etl.open_rejects
    WHERE {source:String} = '' OR source = {source:String}
    GROUP BY source, rule
)
ORDER BY rejects DESC, source, rule
LIMIT {limit:UInt32};
