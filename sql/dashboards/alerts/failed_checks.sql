-- Checks whose newest result is a failure. Freshness is left out: late sources are told one by one, as they are now.
SELECT
    check,
    toFloat64(argMax(verdict, (checked_at, ifNull(month, toDate32('1900-01-01')))) = 'fail') AS failed
FROM kpi.checks
WHERE check != 'freshness'
GROUP BY check
ORDER BY check
