-- Whether there are figures at all.
SELECT toFloat64(count()) AS editions
FROM kpi.as_of
