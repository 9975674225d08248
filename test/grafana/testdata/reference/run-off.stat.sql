-- The rates of thirteen months.
SELECT month, months_until_run_off, avg_awarded, avg_redeemed, avg_expired
FROM kpi.liability_forecast
WHERE months_ahead = 0 AND scope = {scope:String} AND program_id = {program:String} AND month <= {month:Date32} AND month >= addMonths({month:Date32}, -12)
