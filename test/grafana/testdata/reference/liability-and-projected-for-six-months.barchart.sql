-- Thirteen months that were, and six that may be.
SELECT substring(toString(month), 1, 7) AS forecast_month, CAST(value AS Nullable(Decimal(38, 4))) AS actual_dollars, CAST(NULL AS Nullable(Decimal(38, 4))) AS projected_dollars
FROM kpi.metric_monthly
WHERE metric = 'unspent_dollars' AND scope = {scope:String} AND program_id = {program:String} AND month <= {month:Date32} AND month >= addMonths({month:Date32}, -12)
UNION ALL
SELECT substring(toString(addMonths(month, months_ahead)), 1, 7), NULL, projected_dollars
FROM kpi.liability_forecast
WHERE month = {month:Date32} AND scope = {scope:String} AND program_id = {program:String} AND months_ahead != 0
