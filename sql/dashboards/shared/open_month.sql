-- Marks the months in trends that are not over: their figures still grow.
SELECT DISTINCT
    toDateTime(month, 'UTC') AS time,
    toDateTime(addMonths(month, 1), 'UTC') AS timeEnd,
    concat(formatDateTime(month, '%Y-%m'), ' is open: its figures still grow') AS text,
    'open month' AS tags
FROM {database:Identifier}.months
WHERE state = 'open' AND $__dateFilter(month)
ORDER BY time
