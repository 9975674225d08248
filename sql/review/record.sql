-- How far the review of a month is. No row where nothing of it was done. Times are texts in the reporting zone, empty for what
-- was not done.
WITH
    (SELECT timezone FROM kpi_core.settings) AS zone,
    at -> if(at IS NULL, '', formatDateTime(toTimeZone(assumeNotNull(at), zone), '%Y-%m-%d %H:%i')) AS written,
    arraySort(CAST(incomplete AS Array(Tuple(String, String)))) AS entries
SELECT
    state, round, next_step,
    written(opened_at) AS opened_on, opened_by, note, verdict, failed_checks, waived_checks, open_checks,
    arrayMap(entry -> entry.1, entries) AS sources,
    arrayMap(entry -> entry.2, entries) AS lacks,
    written(closed_at) AS closed_on, closed_by, closings,
    written(reopened_at) AS reopened_on, reopened_by, reopened_reason,
    written(decided_at) AS decided_on, decided_by, decision
FROM kpi.reviews
WHERE month = {month:Date32};
