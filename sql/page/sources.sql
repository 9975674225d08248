-- Each source of the config, and each that was loaded before: what it delivered, whether it is late, and what of it counts
-- nowhere. Late is what kpi.stale_sources says. The newest event is the newest one up to now, as delivered; only months from
-- the oldest newest month of any source on are looked at.
WITH
    now64(6, 'UTC') AS moment,
    (
        SELECT toDateTime64(min(newest), 6, 'UTC') - INTERVAL 1 DAY
        FROM
        (
            SELECT max(month) AS newest
            FROM etl.touched_months
            WHERE month <= toDate32(moment)
            GROUP BY source
        )
    ) AS since
SELECT
    source,
    countIf(configured) > 0 AS is_configured,
    countIf(late) > 0       AS is_late,
    any(fresh_within)       AS limit_seconds,
    any(delivered)          AS newest_delivery,
    any(loaded_at)          AS newest_load,
    any(event)              AS newest_event,
    toUInt64(sum(loaded))   AS units,
    toUInt64(sum(failed))   AS failed_units,
    toUInt64(sum(rows))     AS rows_read,
    toUInt64(sum(rejects))  AS rejected
FROM
(
    SELECT toString(source) AS source, toNullable(configured = 1) AS configured, NULL AS late, fresh_within, NULL AS delivered, NULL AS loaded_at, NULL AS event,
        0 AS loaded, 0 AS failed, 0 AS rows, 0 AS rejects
    FROM etl.sources FINAL
    UNION ALL
    SELECT source, NULL, true, NULL, NULL, NULL, NULL, 0, 0, 0, 0
    FROM kpi.stale_sources
    UNION ALL
    SELECT source, NULL, NULL, NULL, maxIf(delivered, loaded > 0 AND rows > 0), max(updated), NULL, sum(loaded), countIf(newest = 'failed'), sum(rows), 0
    FROM
    (
        SELECT toString(source) AS source, unit, countIf(status = 'loaded') AS loaded, sumIf(rows_read, status = 'loaded') AS rows, argMax(status, updated_at) AS newest,
            maxIf(toNullable(delivered_at), status = 'loaded' AND rows_read > rows_malformed) AS delivered, max(toNullable(updated_at)) AS updated
        FROM etl.units FINAL
        GROUP BY source, unit
    )
    GROUP BY source
    UNION ALL
    SELECT source, NULL, NULL, NULL, NULL, NULL, max(toNullable(at)), 0, 0, 0, 0
    FROM
    (
        SELECT toString(source) AS source, awarded_at AS at
        FROM warehouse.awards
        WHERE awarded_at >= since AND awarded_at <= moment
        UNION ALL
        SELECT source, redeemed_at
        FROM warehouse.redemptions
        WHERE redeemed_at >= since AND redeemed_at <= moment
        UNION ALL
        SELECT source, started_at
        FROM warehouse.portal_sessions
        WHERE started_at >= since AND started_at <= moment
        UNION ALL
        SELECT source, occurred_at
        FROM warehouse.portal_events
        WHERE occurred_at >= since AND occurred_at <= moment
    )
    GROUP BY source
    UNION ALL
    SELECT toString(source), NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, count()
    FROM etl.open_rejects
    GROUP BY source
)
WHERE {source:String} = '' OR source = {source:String}
GROUP BY source
ORDER BY is_late DESC, failed_units > 0 DESC, is_configured DESC, source
LIMIT {limit:UInt32};
