-- Rejects that stand, by source, entity and column.
SELECT source, entity, column, count() AS rejects, any(reason) AS example
FROM etl.open_rejects
GROUP BY source, entity, column
ORDER BY rejects DESC, source, entity, column;
