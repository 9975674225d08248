-- The facts that the figures contain, and since when some wait that they do not. Of a load that was killed some wait for a day.
SELECT metric, CAST([] AS Array(String)) AS labels, value
FROM kpi.as_of
ARRAY JOIN
    ['figures_refreshed_timestamp_seconds', 'figures_newest_event_timestamp_seconds'] AS metric,
    [toUnixTimestamp64Milli(refreshed_at) / 1000, toUnixTimestamp64Milli(newest_event) / 1000] AS value
UNION ALL
SELECT 'figures_pending_since_timestamp_seconds', CAST([] AS Array(String)), toUnixTimestamp64Milli(min(touched_at)) / 1000
FROM etl.touched_months FINAL
WHERE settled = 0
HAVING count() > 0;
