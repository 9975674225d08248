-- Sources of the config that are late by their own limits, or never delivered.
SELECT
    source,
    toFloat64(source IN (SELECT source FROM kpi.stale_sources)) AS is_late
FROM kpi.sources
ORDER BY source
