-- Sources of the config that are late, or never delivered a row. A delivery without a row is none.
CREATE OR REPLACE VIEW kpi.stale_sources
(
    source          String COMMENT 'Source of the config',
    newest_delivery Nullable(DateTime64(6, 'UTC')) COMMENT 'When its newest loaded unit was delivered; NULL: never',
    hours_ago       Nullable(Decimal(18, 1)) COMMENT 'How long ago that was',
    limit_hours     Nullable(Decimal(18, 4)) COMMENT 'Within how many hours the source must deliver; NULL: no limit'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
WITH delivered AS
(
    SELECT source, max(delivered_at) AS newest
    FROM etl.units FINAL
    WHERE status = 'loaded' AND rows_read > rows_malformed
    GROUP BY source
)
SELECT
    s.source AS source,
    if(d.newest > 0, toNullable(d.newest), NULL) AS newest_delivery,
    toDecimal64(dateDiff('second', newest_delivery, now64(6, 'UTC')) / 3600, 1) AS hours_ago,
    toDecimal64(s.fresh_within / 3600, 4) AS limit_hours
FROM etl.sources AS s FINAL
LEFT JOIN delivered AS d ON s.source = d.source
WHERE s.configured AND (newest_delivery IS NULL OR ifNull(newest_delivery + toIntervalSecond(s.fresh_within) < now64(6, 'UTC'), 0))
ORDER BY source
COMMENT 'Check freshness: sources that are late, or never delivered';
