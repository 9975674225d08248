-- Months that a table of kpi_core or etl holds.
SELECT DISTINCT toUInt32(partition) AS month
FROM system.parts
WHERE active AND database = {database:String} AND table = {table:String};
