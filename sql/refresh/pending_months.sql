-- Months to recompute. 1900-01-01 stands for a change that touches no month of events (a dimension, a view).
SELECT DISTINCT month
FROM etl.touched_months FINAL
WHERE settled = 0
ORDER BY month;
