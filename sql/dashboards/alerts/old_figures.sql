-- How many hours old the newest event in the figures is.
SELECT toFloat64(dateDiff('second', newest_event, now64(6, 'UTC')) / 3600) AS hours_old
FROM kpi.as_of
