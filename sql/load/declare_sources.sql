-- The sources of the config as they are now, and those that have left it. Nothing is written where nothing changed.
INSERT INTO etl.sources (source, configured, fresh_within, max_share, max_rows, is_asked, is_awaited, month_after, updated_at)
WITH declared AS
(
    SELECT s.1 AS source, s.2 AS fresh_within, s.3 AS max_share, s.4 AS max_rows, s.5 AS is_asked, s.6 AS is_awaited, s.7 AS month_after
    FROM (SELECT arrayJoin({sources:Array(Tuple(String, Nullable(UInt64), Float64, Nullable(UInt64), UInt8, UInt8, UInt64))}) AS s)
)
SELECT source, configured, fresh_within, max_share, max_rows, is_asked, is_awaited, month_after, now64(6)
FROM
(
    SELECT source, toUInt8(1) AS configured, fresh_within, max_share, max_rows, is_asked, is_awaited, month_after
    FROM declared
    UNION ALL
    SELECT toString(source), toUInt8(0), fresh_within, max_share, max_rows, is_asked, is_awaited, month_after
    FROM etl.sources FINAL
    WHERE source NOT IN (SELECT source FROM declared)
    EXCEPT
    SELECT toString(source), configured, fresh_within, max_share, max_rows, is_asked, is_awaited, month_after
    FROM etl.sources FINAL
);
