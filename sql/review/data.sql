-- What the figures cover, for the head of a review pack. No row where there are no figures.
-- A month is complete once it was over when the figures were computed, and events reach its last day.
WITH
    (SELECT timezone FROM kpi_core.settings) AS zone,
    (SELECT reporting_currency FROM kpi_core.settings) AS reporting,
    toDate32(toStartOfMonth(toTimeZone(a.refreshed_at, zone))) AS month_of_refresh,
    toDate32(toTimeZone(a.newest_event, zone)) AS newest_day
SELECT
    o.oldest_month AS oldest_month,
    a.newest_month AS newest_month,
    least(
        addMonths(month_of_refresh, -1),
        if(newest_day >= addDays(addMonths(a.newest_month, 1), -1), a.newest_month, addMonths(a.newest_month, -1))) AS complete_month,
    formatDateTime(toTimeZone(a.newest_event, zone), '%Y-%m-%d %H:%i:%S') AS newest_event,
    formatDateTime(toTimeZone(a.refreshed_at, zone), '%Y-%m-%d %H:%i:%S') AS computed_at,
    toUnixTimestamp64Micro(a.refreshed_at) AS edition,
    zone AS timezone,
    reporting AS currency
FROM kpi.as_of AS a
CROSS JOIN
(
    SELECT min(month) AS oldest_month, count() AS figures
    FROM kpi.metric_monthly
    WHERE scope = 'portfolio'
) AS o
WHERE o.figures > 0;
