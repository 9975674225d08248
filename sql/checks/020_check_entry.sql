-- Awards and redemptions in force, in the reporting currency. The checks recompute figures from here: on purpose it shares
-- no SQL with what they are held against. An entry without a rate at or before its day counts nowhere and has rated = 0.
CREATE OR REPLACE VIEW kpi_core.check_entry AS
WITH
    assumeNotNull((SELECT timezone FROM kpi_core.settings)) AS zone,
    assumeNotNull((SELECT reporting_currency FROM kpi_core.settings)) AS reporting
SELECT
    e.entity     AS entity,
    e.program_id AS program_id,
    e.event_id   AS event_id,
    e.member_id  AS member_id,
    e.org_id     AS org_id,
    e.kind       AS kind,
    e.amount     AS amount,
    e.currency   AS currency,
    e.happened_at AS happened_at,
    e.day        AS day,
    makeDate32(toYear(e.day), toMonth(e.day), 1) AS month,
    e.currency = reporting OR r.known = 1 AS rated,
    -- Half away from zero: amounts and rates are never negative.
    if(e.currency = reporting, CAST(e.amount AS Decimal(38, 4)), CAST(floor(CAST(e.amount AS Decimal(38, 4)) * r.rate + toDecimal128('0.00005', 5), 4) AS Decimal(38, 4))) AS amount_reporting,
    e.source     AS source,
    e.unit       AS unit,
    e.run_id     AS run_id,
    e.source_row AS source_row
FROM
(
    SELECT
        'awards' AS entity, program_id, award_id AS event_id, member_id, org_id, kind, amount, currency,
        awarded_at AS happened_at, toDate32(toTimeZone(awarded_at, zone)) AS day, source, unit, run_id, source_row
    FROM warehouse.awards FINAL
    UNION ALL
    SELECT
        'redemptions' AS entity, program_id, redemption_id AS event_id, member_id, org_id, kind, amount, currency,
        redeemed_at AS happened_at, toDate32(toTimeZone(redeemed_at, zone)) AS day, source, unit, run_id, source_row
    FROM warehouse.redemptions FINAL
) AS e
ASOF LEFT JOIN
(
    SELECT currency, day, rate, 1 AS known
    FROM warehouse.fx_rates FINAL
) AS r ON e.currency = r.currency AND e.day >= r.day;
