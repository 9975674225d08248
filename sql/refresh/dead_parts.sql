-- Partitions that no edition needs: all but those of the last three editions published, and of editions of the last day
-- that may be under way.
WITH
    (SELECT arraySlice(arrayReverseSort(groupArray(edition)), 1, 3) FROM kpi_core.edition) AS published,
    (SELECT toUInt64(toUnixTimestamp64Micro(now64(6) - INTERVAL 1 DAY)) * 1024) AS yesterday,
    needed AS
    (
        SELECT DISTINCT edition, table, month, part
        FROM kpi_core.edition_part
        WHERE has(published, edition) OR edition > yesterday AND edition NOT IN (SELECT edition FROM kpi_core.edition)
    )
SELECT toString(p.table) AS table, groupArray(p.partition_id) AS ids
FROM
(
    -- ('2024-01-01',7) of a table by month and edition, 7 of a table by edition.
    SELECT DISTINCT table, partition_id, toUInt64OrZero(extract(partition, '(\\d+)\\)?$')) AS edition, extract(partition, '^\\(\'(.+)\',') AS month
    FROM system.parts
    WHERE active AND database = 'kpi_core'
) AS p
WHERE p.edition > 0
    AND multiIf(
        p.month != '', (p.table, p.month, p.edition) NOT IN (SELECT table, toString(month), part FROM needed),
        -- Small tables keep all months of an edition together, and members and organisations have no months.
        p.table IN (SELECT table FROM needed), (p.table, p.edition) NOT IN (SELECT table, part FROM needed),
        p.edition NOT IN (SELECT edition FROM needed))
    AND NOT (p.edition > yesterday AND p.edition NOT IN (SELECT edition FROM kpi_core.edition))
GROUP BY p.table;
