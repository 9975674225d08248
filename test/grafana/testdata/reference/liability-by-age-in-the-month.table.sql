-- This month's buckets beside last month's; there is none before the first.
SELECT now.*, if((SELECT count() FROM kpi.liability_ageing_monthly WHERE month = addMonths({month:Date32}, -1) AND scope = {scope:String} AND program_id = {program:String}) = 0, NULL, before.dollars) AS month_before,
    now.dollars - month_before AS change
FROM (SELECT * FROM kpi.liability_ageing_monthly WHERE month = {month:Date32} AND scope = {scope:String} AND program_id = {program:String}) AS now
LEFT JOIN (SELECT * FROM kpi.liability_ageing_monthly WHERE month = addMonths({month:Date32}, -1) AND scope = {scope:String} AND program_id = {program:String}) AS before USING (bucket)
