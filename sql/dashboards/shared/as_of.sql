-- Up to when the figures have data, when they were computed, and which month is shown.
SELECT
    concat(formatDateTime(newest_event, '%Y-%m-%d %H:%i'), ' UTC') AS data_as_of,
    concat(formatDateTime(refreshed_at, '%Y-%m-%d %H:%i'), ' UTC') AS computed_at,
    (SELECT concat(formatDateTime(month, '%Y-%m'), ', ', state) FROM kpi.months WHERE month = toDate32OrNull(${month:singlequote})) AS shown,
    (SELECT ifNull(nullIf(arrayStringConcat(arraySort(groupArray(formatDateTime(month, '%Y-%m'))), ', '), ''), 'none') FROM kpi.months WHERE state = 'open') AS open_months
FROM kpi.as_of
