-- How old are the unspent dollars of each programme?
-- The newest month, by age: what is over 180 days old is unlikely to be spent without help.
SELECT
    program_id,
    sum(a.dollars) AS unspent_lots,
    sumIf(a.dollars, from_days = 0) AS days_0_30,
    sumIf(a.dollars, from_days = 31) AS days_31_60,
    sumIf(a.dollars, from_days = 61) AS days_61_90,
    sumIf(a.dollars, from_days = 91) AS days_91_180,
    sumIf(a.dollars, from_days = 181) AS days_181_365,
    sumIf(a.dollars, from_days = 366) AS over_a_year,
    round(sumIf(a.dollars, from_days >= 181) / nullIf(sum(a.dollars), 0), 4) AS old_share
FROM kpi.liability_ageing_monthly AS a
WHERE scope = 'program' AND month = (SELECT month FROM kpi.months WHERE is_newest)
GROUP BY program_id
ORDER BY old_share DESC, program_id;
