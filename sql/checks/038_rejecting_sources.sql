-- Sources of which more rows are rejected than they may, over the newest version of each of their units. A unit beyond the
-- limit fails whole, so nothing of it is in the figures; that counts as beyond too.
CREATE OR REPLACE VIEW kpi.rejecting_sources
(
    source        String COMMENT 'Source of the config',
    rows_read     UInt64 COMMENT 'Rows of its units, each in its newest version',
    rows_rejected UInt64 COMMENT 'Of these: rejected, or not readable. A row that several mappings reject counts for each',
    share         Nullable(Float64) COMMENT 'rows_rejected / rows_read; NULL where nothing was read',
    max_share     Float64 COMMENT 'Its limit in the config',
    failed_units  UInt64 COMMENT 'Units that failed whole because they were beyond the limit',
    is_beyond     UInt8 COMMENT '1 where the source is beyond its limit'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
WITH
    rejected AS
    (
        SELECT source, unit, load_id, count() AS rejects
        FROM etl.rejects FINAL
        GROUP BY source, unit, load_id
    ),
    newest AS
    (
        SELECT source, unit, argMax((load_id, status, rows_read), updated_at) AS load
        FROM etl.units FINAL
        WHERE status = 'loaded' OR rows_read > 0
        GROUP BY source, unit
    )
SELECT
    s.source AS source,
    sum(n.load.3) AS rows_read,
    sum(r.rejects) AS rows_rejected,
    rows_rejected / nullIf(rows_read, 0) AS share,
    any(s.max_share) AS max_share,
    countIf(n.load.2 = 'failed' AND (r.rejects > s.max_share * n.load.3 OR ifNull(r.rejects > s.max_rows, 0))) AS failed_units,
    rows_rejected > max_share * rows_read OR failed_units > 0 AS is_beyond
FROM etl.sources AS s FINAL
INNER JOIN newest AS n ON s.source = n.source
LEFT JOIN rejected AS r ON n.source = r.source AND n.unit = r.unit AND n.load.1 = r.load_id
WHERE s.configured
GROUP BY s.source
HAVING rows_rejected > 0
ORDER BY source
COMMENT 'Check rejects: sources with rejected rows, and whether they are beyond their limit';
