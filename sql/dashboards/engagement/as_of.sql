-- Up to when the figures have data, when they were computed, and which month is shown, for who may not read kpi.
SELECT
    concat(formatDateTime(max(newest_event), '%Y-%m-%d %H:%i'), ' UTC') AS data_as_of,
    concat(formatDateTime(max(refreshed_at), '%Y-%m-%d %H:%i'), ' UTC') AS computed_at,
    concat(formatDateTime(toDate32OrNull(${month:singlequote}), '%Y-%m'), ', ', anyIf(state, month = toDate32OrNull(${month:singlequote}))) AS shown,
    ifNull(nullIf(arrayStringConcat(arraySort(groupUniqArrayIf(formatDateTime(month, '%Y-%m'), state = 'open')), ', '), ''), 'none') AS open_months
FROM kpi_engagement.months
HAVING count() > 0
