-- How fresh each source is, and how much of it was rejected.
SELECT
    u.source               AS source,
    countIf(status = 'loaded') AS units,
    countIf(status = 'failed') AS failed,
    sumIf(rows_read, status = 'loaded') AS rows,
    max(delivered_at)      AS newest_delivery,
    max(updated_at)        AS newest_load,
    any(r.rejects)         AS rejects
FROM etl.units AS u FINAL
LEFT JOIN
(
    SELECT source, count() AS rejects
    FROM etl.open_rejects
    GROUP BY source
) AS r ON u.source = r.source
GROUP BY u.source
ORDER BY u.source;
