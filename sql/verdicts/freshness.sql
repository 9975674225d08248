-- How many sources are late, or never delivered. It is about now, whatever the month. What it says stays the same until one delivers, so
-- that a waiver does.
WITH
    -- As people read it: in hours, below one in minutes, and below one of these in seconds.
    seconds -> multiIf(
        seconds < 60, concat(toString(seconds), ' s'),
        seconds < 3600, concat(toString(toDecimal64(seconds / 60, 1)), ' min'),
        concat(toString(toDecimal64(seconds / 3600, 1)), ' h')) AS span
SELECT
    toString(count()) AS figure,
    figure AS beyond,
    if(count() = 0,
        'every source has delivered within its limit',
        concat('sources that are late: ', figure, ' (',
            arrayStringConcat(arraySort(groupArray(5)(concat(source, ' ', ifNull(
                concat('last delivered ', formatDateTime(newest_delivery, '%Y-%m-%d %H:%i', 'UTC'), ' UTC, limit ', span(toUInt64(round(limit_hours * 3600)))),
                'never delivered a row')))), '; '),
            if(count() > 5, '; …', ''), ')')) AS message
FROM kpi.stale_sources;
