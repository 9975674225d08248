-- Rejects that stand, by source, entity and column. Entries without a rate are told of apart: review/unrated.sql.
SELECT source, entity, column, count() AS rejects, any(reason) AS example
FROM etl.open_rejects
GROUP BY source, entity, column
ORDER BY rejects DESC, source, entity, column;
