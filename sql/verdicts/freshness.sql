-- How many sources are late, or never delivered. It is about now, whatever the month. What it says stays the same until one delivers, so
-- that a waiver does.
SELECT
    toString(count()) AS figure,
    figure AS beyond,
    if(count() = 0,
        'every source has delivered within its limit',
        concat('sources that are late: ', figure, ' (',
            arrayStringConcat(arraySort(groupArray(5)(concat(source, ' ', ifNull(concat('last delivered ', formatDateTime(newest_delivery, '%Y-%m-%d %H:%i', 'UTC'), ' UTC'), 'never delivered a row')))), '; '),
            if(count() > 5, '; …', ''), ')')) AS message
FROM kpi.stale_sources;
