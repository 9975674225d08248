-- Where do few members get most of the dollars?
-- Each programme's newest month with somebody awarded: Gini coefficient, what the top tenth got, and what the lower half got.
SELECT
    d.program_id AS program_id,
    d.month AS month,
    d.users AS members_awarded,
    round(d.gini, 4) AS gini,
    round(d.gini_mom_abs, 4) AS gini_moved,
    round(d.top10_share, 4) AS top_tenth_got,
    round(l.dollar_share, 4) AS lower_half_got
FROM kpi.program_distribution_monthly AS d
INNER JOIN kpi.lorenz_monthly AS l
    ON d.program_id = l.program_id AND d.month = l.month AND d.population = l.population AND l.scope = 'program' AND l.decile = 5
WHERE d.population = 'awarded'
ORDER BY d.month DESC, gini DESC, program_id
LIMIT 1 BY program_id;
