-- Months that the staged rates touch: from the day of the first one of each currency on, where it has entries.
WITH
    (SELECT timezone FROM kpi_core.settings) AS zone,
    changed AS
    (
        SELECT currency, min(day) AS first_day
        FROM etl.{stage:Identifier}
        GROUP BY currency
    )
SELECT DISTINCT makeDate32(toYear(e.day), toMonth(e.day), 1) AS month
FROM
(
    SELECT currency, toDate32(toTimeZone(awarded_at, zone)) AS day FROM warehouse.awards
    UNION ALL
    SELECT currency, toDate32(toTimeZone(redeemed_at, zone)) AS day FROM warehouse.redemptions
) AS e
INNER JOIN changed AS c ON e.currency = c.currency
WHERE e.day >= c.first_day;
