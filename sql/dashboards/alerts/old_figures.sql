-- How many hours old the newest event in the figures is; of one dated ahead, how old the figures themselves are.
SELECT toFloat64(dateDiff('second', least(newest_event, refreshed_at), now64(6, 'UTC')) / 3600) AS hours_old
FROM kpi.as_of
