-- Months that the staged rows touch: their own, and those where their keys stand now.
INSERT INTO etl.touched_months
WITH (SELECT timezone FROM kpi_core.settings) AS zone
SELECT DISTINCT makeDate32(toYear(day), toMonth(day), 1) AS month, {source:String}, {unit:String}, {version:String}, 0, now64(6)
FROM
(
    SELECT toDate32(toTimeZone(awarded_at, zone)) AS day
    FROM etl.{stage:Identifier}
    UNION ALL
    SELECT toDate32(toTimeZone(awarded_at, zone)) AS day
    FROM warehouse.awards
    WHERE (program_id, award_id) IN (SELECT program_id, award_id FROM etl.{stage:Identifier})
);
