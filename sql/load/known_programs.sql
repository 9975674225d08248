-- The programmes that the data know: those with figures, and those that were delivered by name.
SELECT DISTINCT program_id
FROM
(
    SELECT program_id
    FROM kpi.metric_monthly
    WHERE scope = 'program' AND metric = 'unspent_dollars'
    UNION ALL
    SELECT program_id
    FROM kpi.programs
)
ORDER BY program_id;
