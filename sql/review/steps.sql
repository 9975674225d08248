-- Every step of a month's review, the oldest first. Of a waiver, the checks that it names.
WITH (SELECT timezone FROM kpi_core.settings) AS zone
SELECT
    round, step,
    formatDateTime(toTimeZone(s.at, zone), '%Y-%m-%d %H:%i') AS done_on,
    by, note, verdict,
    if(step = 'waive', arraySort(mapKeys(details)), []) AS checks
FROM kpi.review_steps AS s
WHERE month = {month:Date32}
ORDER BY s.at, step;
