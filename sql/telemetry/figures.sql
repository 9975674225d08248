-- The facts that the figures contain.
SELECT metric, CAST([] AS Array(String)) AS labels, value
FROM kpi.as_of
ARRAY JOIN
    ['figures_refreshed_timestamp_seconds', 'figures_newest_event_timestamp_seconds'] AS metric,
    [toUnixTimestamp64Milli(refreshed_at) / 1000, toUnixTimestamp64Milli(newest_event) / 1000] AS value;
