-- Partitions of one edition.
SELECT toString(table) AS table, groupUniqArray(partition_id) AS ids
FROM system.parts
WHERE active AND database = 'kpi_core' AND toUInt64OrZero(extract(partition, '(\\d+)\\)?$')) = {edition:UInt64}
GROUP BY table;
