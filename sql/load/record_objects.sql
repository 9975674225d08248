-- What Migrate applied: the checksum of each view's text, by its name, empty for one that is gone.
INSERT INTO etl.schema_objects
SELECT applied.1, applied.2, now64(6)
FROM
(
    SELECT arrayJoin(CAST(JSONExtract({objects:String}, 'Map(String, String)'), 'Array(Tuple(String, String))')) AS applied
);
