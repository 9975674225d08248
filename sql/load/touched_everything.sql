-- Another reporting zone or currency, another definition, or a repair: every month of events, with nothing of earlier
-- editions.
INSERT INTO etl.touched_months (month, source, unit, version, settled, touched_at)
SELECT month, '' AS source, 'everything' AS unit, '' AS version, 0 AS settled, now64(6) AS touched_at
FROM kpi_core.event_month
UNION ALL
SELECT toDate32('1900-01-01'), '', 'everything', '', 0, now64(6);
