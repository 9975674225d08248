-- A repair from one month on: that month, and all later ones that have events, or that the edition published last has rows of.
INSERT INTO etl.touched_months (month, source, unit, version, settled, touched_at)
SELECT month, '' AS source, 'repair' AS unit, '' AS version, 0 AS settled, now64(6) AS touched_at
FROM
(
    SELECT month FROM kpi_core.event_month
    UNION DISTINCT
    SELECT month FROM kpi_core.edition_part WHERE edition = (SELECT max(edition) FROM kpi_core.edition)
    UNION DISTINCT
    SELECT {from:Date32}
)
WHERE month >= {from:Date32};
