-- Mean, percentiles and the largest of both populations.
SELECT f.*, m.name AS name, m.definition AS definition
FROM kpi.metric_monthly AS f
INNER JOIN kpi.metrics AS m USING (metric, population, dimension)
WHERE month = {month:Date32} AND dimension = 'distribution' AND scope = {scope:String} AND program_id = {program:String} AND metric IN ('mean', 'p10', 'p25', 'p50', 'p75', 'p90', 'p99', 'max')
