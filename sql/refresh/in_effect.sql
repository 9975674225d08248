-- Whether queries that start now see the edition, or a later one.
SELECT count() > 0 AS is_seen
FROM kpi_core.edition
WHERE edition >= {edition:UInt64} AND effective_at <= now('UTC');
