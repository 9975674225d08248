-- The raw columns of a source, as its loads had them.
SELECT column, toString(kind) AS kind, toBool(is_typed) AS is_typed, toBool(is_always) AS is_always
FROM etl.source_columns FINAL
WHERE source = {source:String};
