-- Months where the keys of staged events stand in the facts, and how many rows they have there. Of most loads it is none.
WITH (SELECT timezone FROM kpi_core.settings) AS zone
SELECT makeDate32(toYear(day), toMonth(day), 1) AS month, count() AS rows
FROM
(
    SELECT toDate32(toTimeZone({time:Identifier}, zone)) AS day
    FROM warehouse.{facts:Identifier}
    WHERE ({key_1:Identifier}, {key_2:Identifier}) IN (SELECT {key_1:Identifier}, {key_2:Identifier} FROM etl.{stage:Identifier})
)
GROUP BY month;
