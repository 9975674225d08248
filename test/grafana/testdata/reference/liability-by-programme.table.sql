-- How old each programme's liability is, how long it lasts, and what it will be.
SELECT
    f.month AS month, f.program_id AS program_id, f.months_until_run_off AS months_until_run_off, f.projected_dollars AS in_six_months,
    (SELECT groupArray((program_id, part)) FROM (SELECT program_id, sum(a.share) AS part FROM kpi.liability_ageing_monthly AS a WHERE month = {month:Date32} AND scope = 'program' AND bucket IN ('181-365', '365+') AND share IS NOT NULL GROUP BY program_id)) AS old,
    arrayFirst(x -> x.1 = f.program_id, old).2 AS over_180_days
FROM kpi.liability_forecast AS f
WHERE f.month = {month:Date32} AND f.scope = 'program' AND f.months_ahead = 6
