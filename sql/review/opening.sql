-- What the review of a month was opened on. No row where it is not open.
WITH (SELECT timezone FROM kpi_core.settings) AS zone
SELECT
    formatDateTime(toTimeZone(assumeNotNull(opened_at), zone), '%Y-%m-%d %H:%i') AS opened,
    opened_by,
    note,
    failed_checks,
    arrayMap(entry -> entry.1, entries) AS sources,
    arrayMap(entry -> entry.2, entries) AS lacks
FROM
(
    SELECT opened_at, opened_by, note, failed_checks, arraySort(CAST(incomplete AS Array(Tuple(String, String)))) AS entries
    FROM kpi.reviews
    WHERE month = {month:Date32} AND opened_at IS NOT NULL
);
