-- The results of one validation.
SELECT check_id, check, ifNull(formatDateTime(month, '%Y-%m'), '') AS month, verdict, toString(figure) AS figure, unit, message, query, checked_at
FROM etl.checks
WHERE check_id = {id:String};
