-- How many exceptions organisations and segments have in the month.
SELECT
    countIf(scope = 'organisation') AS organisations,
    countIf(scope = 'segment') AS segments
FROM kpi.exceptions
WHERE month = {month:Date32};
