-- The newest result of each check, and older ones of single months that did not pass, unless everything was validated since.
SELECT
    toString(check)                                     AS check,
    ifNull(formatDateTime(month, '%Y-%m'), '')          AS month,
    toString(verdict)                                   AS verdict,
    toString(figure)                                    AS figure,
    toString(unit)                                      AS unit,
    substringUTF8(message, 1, 1000)                     AS message,
    query,
    checked_at
FROM
(
    SELECT *, max(checked_at) OVER (PARTITION BY check) AS newest_at, maxIf(checked_at, month IS NULL) OVER (PARTITION BY check) AS all_at
    FROM kpi.checks
)
WHERE checked_at = newest_at OR (verdict != 'pass' AND checked_at >= all_at)
ORDER BY indexOf(['fail', 'warn', 'pass'], verdict), checked_at DESC, check, month
LIMIT 50;
