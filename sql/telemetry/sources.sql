-- Sources of the config: how fresh each is, whether it is late, and what of it failed or is rejected.
WITH
    delivered AS
    (
        SELECT
            source,
            maxIf(delivered_at, status = 'loaded' AND rows_read > rows_malformed) AS newest_delivery,
            maxIf(window_to, status = 'loaded') AS newest_window,
            countIf(newest_status = 'failed') AS failed_units
        FROM
        (
            SELECT source, status, rows_read, rows_malformed, delivered_at, window_to,
                if(updated_at = max(updated_at) OVER (PARTITION BY source, unit), status, '') AS newest_status
            FROM etl.units FINAL
        )
        GROUP BY source
    ),
    rejected AS
    (
        SELECT source, count() AS rejects
        FROM etl.open_rejects
        GROUP BY source
    )
SELECT metric, [source] AS labels, assumeNotNull(figure) AS value
FROM
(
    SELECT
        toString(s.source) AS source,
        [
            if(d.newest_delivery > 0, toUnixTimestamp64Milli(d.newest_delivery) / 1000, NULL),
            if(d.newest_window > 0, toUnixTimestamp64Milli(d.newest_window) / 1000, NULL),
            toFloat64(s.source IN (SELECT source FROM kpi.stale_sources)),
            toFloat64(d.failed_units),
            toFloat64(r.rejects)
        ] AS figures
    FROM etl.sources AS s FINAL
    LEFT JOIN delivered AS d ON s.source = d.source
    LEFT JOIN rejected AS r ON s.source = r.source
    WHERE s.configured
)
ARRAY JOIN
    [
        'source_newest_delivery_timestamp_seconds',
        'source_newest_window_timestamp_seconds',
        'source_stale',
        'source_failed_units',
        'rejects_open'
    ] AS metric,
    figures AS figure
WHERE figure IS NOT NULL;
