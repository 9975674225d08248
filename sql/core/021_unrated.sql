-- Ledger entries in force that count nowhere, because their currency has no rate at or before their day.
CREATE OR REPLACE VIEW kpi_core.unrated AS
WITH
    (SELECT timezone FROM kpi_core.settings) AS zone,
    (SELECT reporting_currency FROM kpi_core.settings) AS reporting
SELECT
    e.entity     AS entity,
    e.program_id AS program_id,
    e.event_id   AS event_id,
    e.currency   AS currency,
    e.day        AS day,
    e.amount     AS amount,
    e.source     AS source,
    e.unit       AS unit,
    e.source_row AS source_row,
    e.run_id     AS run_id,
    e.delivered_at AS delivered_at
FROM
(
    SELECT 'awards' AS entity, program_id, award_id AS event_id, toDate32(toTimeZone(awarded_at, zone)) AS day, amount, currency, source, unit, source_row, run_id, delivered_at
    FROM warehouse.awards FINAL
    UNION ALL
    SELECT 'redemptions' AS entity, program_id, redemption_id AS event_id, toDate32(toTimeZone(redeemed_at, zone)) AS day, amount, currency, source, unit, source_row, run_id, delivered_at
    FROM warehouse.redemptions FINAL
) AS e
ASOF LEFT JOIN
(
    SELECT currency, day, 1 AS rated
    FROM warehouse.fx_rates FINAL
) AS r ON e.currency = r.currency AND e.day >= r.day
WHERE e.currency != reporting AND r.rated != 1;
