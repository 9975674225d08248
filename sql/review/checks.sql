-- The checks that the month's review was opened on; of a month that was not, its newest validation. No rows: none was made.
WITH
    (SELECT timezone FROM kpi_core.settings) AS zone,
    (SELECT anyLast(check_id) FROM kpi.reviews WHERE month = {month:Date32}) AS of_the_review,
    (SELECT argMax(check_id, checked_at) FROM etl.checks WHERE month = {month:Date32}) AS newest
SELECT
    check, verdict, toString(c.figure) AS figure, unit, message,
    formatDateTime(toTimeZone(c.checked_at, zone), '%Y-%m-%d %H:%i') AS checked
FROM etl.checks AS c
WHERE check_id != '' AND check_id = if(of_the_review != '', of_the_review, newest)
ORDER BY indexOf(['conservation', 'reconciliation', 'freshness', 'completeness', 'duplicates', 'orphans', 'negative_balance', 'future_dated', 'rejects', 'restatement'], check);
