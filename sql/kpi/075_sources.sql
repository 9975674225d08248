-- Sources of the config: what each delivered, whether it is late, and what of it counts nowhere. Late is what
-- kpi.stale_sources says.
CREATE OR REPLACE VIEW kpi.sources
(
    source          String COMMENT 'Name in the config',
    state           LowCardinality(String) COMMENT 'late, failing (units of it could not be loaded), rejecting (rows of it are rejected) or good: the worst of these',
    newest_delivery Nullable(DateTime64(6, 'UTC')) COMMENT 'When its newest loaded unit with rows was delivered; NULL: never',
    hours_ago       Nullable(Decimal(18, 1)) COMMENT 'How long ago that was',
    limit_hours     Nullable(Decimal(18, 4)) COMMENT 'Within how many hours it must deliver again; NULL: no limit',
    units           UInt64 COMMENT 'Units loaded, each version',
    failed_units    UInt64 COMMENT 'Units that failed and were not loaded since',
    rows_read       UInt64 COMMENT 'Rows of the units loaded',
    rows_rejected   UInt64 COMMENT 'Rejects that stand'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
WITH
    delivered AS
    (
        SELECT
            source,
            maxIf(delivered_at, status = 'loaded' AND rows_read > rows_malformed) AS newest,
            countIf(status = 'loaded') AS loaded,
            countIf(newest_status = 'failed') AS failed,
            sumIf(u.rows_read, status = 'loaded') AS rows
        FROM
        (
            SELECT source, status, rows_read, rows_malformed, delivered_at, if(updated_at = max(updated_at) OVER (PARTITION BY source, unit), status, '') AS newest_status
            FROM etl.units FINAL
        ) AS u
        GROUP BY source
    ),
    rejected AS
    (
        SELECT source, count() AS rejects
        FROM etl.open_rejects
        GROUP BY source
    )
SELECT
    toString(s.source) AS source,
    multiIf(source IN (SELECT source FROM kpi.stale_sources), 'late', failed_units > 0, 'failing', rows_rejected > 0, 'rejecting', 'good') AS state,
    if(d.newest > 0, toNullable(d.newest), NULL) AS newest_delivery,
    toDecimal64(dateDiff('second', newest_delivery, now64(6, 'UTC')) / 3600, 1) AS hours_ago,
    toDecimal64(s.fresh_within / 3600, 4) AS limit_hours,
    d.loaded AS units,
    d.failed AS failed_units,
    d.rows AS rows_read,
    r.rejects AS rows_rejected
FROM etl.sources AS s FINAL
LEFT JOIN delivered AS d ON s.source = d.source
LEFT JOIN rejected AS r ON s.source = r.source
WHERE s.configured
ORDER BY source
COMMENT 'Sources of the config: what each delivered, whether it is late, and what of it counts nowhere';
