-- Sources that are late, or never delivered a row. One that never did counts once a run has ended since the config named it:
-- before that, its first rows may be on their way.
WITH
    -- As people read it: in hours, below one in minutes, and below one of these in seconds.
    seconds -> multiIf(
        seconds < 60, concat(toString(seconds), ' seconds'),
        seconds < 3600, concat(toString(toDecimal64(seconds / 60, 1)), ' minutes'),
        concat(toString(toDecimal64(seconds / 3600, 1)), ' hours')) AS span
SELECT
    concat('late_source:', source) AS key,
    'warning' AS severity,
    if(newest_delivery IS NULL, concat('Source ', source, ' never delivered'), concat('Source ', source, ' is late')) AS title,
    ifNull(
        concat('Its newest delivery is of ', formatDateTime(newest_delivery, '%Y-%m-%d %H:%i', {zone:String}), ', ', span(dateDiff('second', newest_delivery, now64(6, 'UTC'))), ' ago; the limit is ', span(toUInt64(round(limit_hours * 3600))), '.'),
        'No row of it was ever loaded.') AS text,
    concat('Ask who delivers it; partnerplus preview ', source, ' shows what is there.') AS todo,
    ifNull(newest_delivery + toIntervalSecond(toUInt64(round(limit_hours * 3600))), c.updated_at) AS since
FROM kpi.stale_sources AS l
INNER JOIN
(
    SELECT source, updated_at
    FROM etl.sources FINAL
) AS c ON l.source = c.source
WHERE newest_delivery IS NOT NULL OR c.updated_at < (SELECT max(finished_at) FROM etl.runs FINAL)
ORDER BY key;
