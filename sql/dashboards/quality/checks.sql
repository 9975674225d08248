-- The newest result of each check, over everything and for months by themselves, failures first.
SELECT check, month, verdict, figure, unit, message, query, checked_at
FROM kpi.checks
ORDER BY indexOf(['fail', 'warn', 'pass'], verdict), checked_at DESC, check, month
LIMIT 200
