-- The states of the figures that were assessed last, by metric, and of all of them as figures.
SELECT details
FROM etl.review_steps FINAL
WHERE month = {month:Date32} AND step = 'assess'
ORDER BY at DESC
LIMIT 1;
