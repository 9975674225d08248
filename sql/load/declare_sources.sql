-- The sources of the config as they are now, and those that have left it. Nothing is written where nothing changed.
INSERT INTO etl.sources (source, configured, fresh_within, max_share, max_rows, updated_at)
WITH declared AS
(
    SELECT s.1 AS source, s.2 AS fresh_within, s.3 AS max_share, s.4 AS max_rows
    FROM (SELECT arrayJoin({sources:Array(Tuple(String, Nullable(UInt64), Float64, Nullable(UInt64)))}) AS s)
)
SELECT source, configured, fresh_within, max_share, max_rows, now64(6)
FROM
(
    SELECT source, toUInt8(1) AS configured, fresh_within, max_share, max_rows
    FROM declared
    UNION ALL
    SELECT toString(source), toUInt8(0), fresh_within, max_share, max_rows
    FROM etl.sources FINAL
    WHERE source NOT IN (SELECT source FROM declared)
    EXCEPT
    SELECT toString(source), configured, fresh_within, max_share, max_rows
    FROM etl.sources FINAL
);
