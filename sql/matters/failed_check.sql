-- Checks whose newest result is a failure. That of freshness is left out: late_source tells it source by source, as it is now.
SELECT
    concat('failed_check:', check) AS key,
    'critical' AS severity,
    concat('Check ', replaceAll(check, '_', ' '), ' failed') AS title,
    concat(if(newest.2 IS NULL, '', concat('For ', formatDateTime(newest.2, '%Y-%m'), ': ')), newest.3) AS text,
    concat('partnerplus query "', newest.4, '" lists the rows. Once it is mended: partnerplus check') AS todo,
    newest.5 AS since
FROM
(
    SELECT check, argMax((verdict, month, message, query, checked_at), (checked_at, month)) AS newest
    FROM kpi.checks
    WHERE check != 'freshness'
    GROUP BY check
)
WHERE newest.1 = 'fail'
ORDER BY key;
