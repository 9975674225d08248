-- Ledger entries in force from one instant until another: awards and redemptions, in the reporting currency, on their day
-- of the reporting zone. An entry of a currency without a rate at or before its day is not here (kpi_core.unrated has it).
-- KPI.md section 1. The bounds stand where the facts are read, so that the index over their time is used.
CREATE OR REPLACE VIEW kpi_core.entry_in_force AS
WITH
    (SELECT timezone FROM kpi_core.settings) AS zone,
    (SELECT reporting_currency FROM kpi_core.settings) AS reporting
SELECT
    e.program_id AS program_id,
    e.member_id  AS member_id,
    e.org_id     AS org_id,
    e.event_id   AS event_id,
    e.kind       AS kind,
    e.at         AS at,
    e.day        AS day,
    makeDate32(toYear(e.day), toMonth(e.day), 1) AS month,
    e.amount     AS amount,
    e.currency   AS currency,
    -- Decimals round half away from zero; amount and rate together have 12 places and at most 36 digits.
    if(e.currency = reporting, CAST(e.amount AS Decimal(38, 4)), CAST(round(CAST(e.amount AS Decimal(38, 4)) * r.rate, 4) AS Decimal(38, 4))) AS amount_reporting
FROM
(
    SELECT program_id, member_id, org_id, award_id AS event_id, kind, awarded_at AS at, toDate32(toTimeZone(awarded_at, zone)) AS day, amount, currency
    FROM warehouse.awards FINAL
    WHERE awarded_at >= {since:DateTime64(6, 'UTC')} AND awarded_at < {until:DateTime64(6, 'UTC')}
    UNION ALL
    SELECT program_id, member_id, org_id, redemption_id AS event_id, kind, redeemed_at AS at, toDate32(toTimeZone(redeemed_at, zone)) AS day, amount, currency
    FROM warehouse.redemptions FINAL
    WHERE redeemed_at >= {since:DateTime64(6, 'UTC')} AND redeemed_at < {until:DateTime64(6, 'UTC')}
) AS e
ASOF LEFT JOIN
(
    SELECT currency, day, rate, 1 AS rated
    FROM warehouse.fx_rates FINAL
) AS r ON e.currency = r.currency AND e.day >= r.day
WHERE e.currency = reporting OR r.rated = 1;
