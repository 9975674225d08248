-- Figures of closed months that are no longer what they were at the closing.
SELECT month, scope, program_id, population, metric, closed, now, difference, closed_at, closed_by
FROM kpi.restatements
ORDER BY month DESC, scope, program_id, metric
LIMIT 200
