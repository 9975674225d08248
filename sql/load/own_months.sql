-- Months that the staged events are in, by unit.
WITH (SELECT timezone FROM kpi_core.settings) AS zone
SELECT DISTINCT toString(unit) AS unit, makeDate32(toYear(day), toMonth(day), 1) AS month
FROM
(
    SELECT DISTINCT unit, toDate32(toTimeZone({time:Identifier}, zone)) AS day
    FROM etl.{stage:Identifier}
);
