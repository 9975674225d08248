-- How fresh each source is, and how much of it was rejected. A unit that failed once and was loaded since has not failed.
SELECT
    u.source               AS source,
    sum(u.loaded)          AS units,
    countIf(u.newest = 'failed') AS failed,
    sum(u.rows)            AS rows,
    max(u.delivered)       AS newest_delivery,
    max(u.updated)         AS newest_load,
    any(r.rejects)         AS rejects
FROM
(
    SELECT source, unit, countIf(status = 'loaded') AS loaded, sumIf(rows_read, status = 'loaded') AS rows, argMax(status, updated_at) AS newest,
        max(delivered_at) AS delivered, max(updated_at) AS updated
    FROM etl.units FINAL
    GROUP BY source, unit
) AS u
LEFT JOIN
(
    SELECT source, count() AS rejects
    FROM etl.open_rejects
    GROUP BY source
) AS r ON u.source = r.source
GROUP BY u.source
ORDER BY u.source;
