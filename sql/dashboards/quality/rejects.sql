-- Rejects that stand, by source and rule.
SELECT source, entity, column, rule, rows, since
FROM kpi.rejects
ORDER BY rows DESC, source, entity, column, rule
LIMIT 200
