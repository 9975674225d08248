-- How far the review of each month is, the newest first.
SELECT
    month,
    state,
    verdict,
    arrayStringConcat(failed_checks, ', ') AS failed,
    arrayStringConcat(arraySort(mapKeys(incomplete)), ', ') AS incomplete_sources,
    opened_at,
    opened_by,
    closed_at,
    closed_by
FROM kpi.reviews
ORDER BY month DESC
LIMIT 13
