-- What needs attention this month?
-- Warnings and worse of the newest month, the most severe first, in words.
SELECT severity, scope, program_id, org_id, segment, rule, metric, sentence
FROM kpi.exceptions
WHERE month = (SELECT month FROM kpi.months WHERE is_newest) AND severity IN ('critical', 'warning')
ORDER BY transform(severity, ['critical', 'warning'], [1, 2], 3), scope, program_id, org_id, segment, rule, metric;
