-- What becomes of the liability at the current rate. The rate is the average of the month and the two before it, or of those
-- that the scope has. A projection adds the average of awarded - redeemed - expired for each month to come; the run-off asks for
-- how long the liability lasts if nothing more is awarded: unspent_dollars / the average of redeemed + expired. All of it is
-- arithmetic of exact decimals on the facts: it knows no season and no plan of awards. From an open
-- month, of which not all has happened, the rates are too low.
CREATE OR REPLACE VIEW kpi.liability_forecast
(
    month                Date32 COMMENT 'First day of the month that is looked ahead from, in the reporting zone',
    scope                LowCardinality(String) COMMENT 'portfolio, program, organisation or segment',
    program_id           String COMMENT 'Programme; empty for the portfolio',
    org_id               String COMMENT 'Organisation, of scope organisation; else empty',
    segment              String COMMENT 'Segment, of scope segment; else empty',
    months_ahead         UInt8 COMMENT '0, the month itself, to 6',
    forecast_month       Date32 COMMENT 'month + months_ahead',
    projected_dollars    Decimal(38, 4) COMMENT 'unspent_dollars + months_ahead x the average of awarded - redeemed - expired; below zero where more would go than there is',
    avg_awarded          Decimal(38, 4) COMMENT 'Average net awarded of a month, of up to three months',
    avg_redeemed         Decimal(38, 4) COMMENT 'Average net redeemed of a month',
    avg_expired          Decimal(38, 4) COMMENT 'Average expired of a month',
    months_of_rate       UInt8 COMMENT 'Months that the averages are of: 3, less at a scope''s beginning',
    months_until_run_off Nullable(Decimal(38, 4)) COMMENT 'unspent_dollars / (avg_redeemed + avg_expired): how long it lasts without new awards; NULL where nothing is redeemed or expires, 0 where nothing is unspent'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
WITH rate AS
(
    SELECT
        month, scope, program_id, org_id, segment, unspent,
        count() OVER three_months AS months,
        sum(awarded) OVER three_months AS awarded_sum,
        sum(redeemed) OVER three_months AS redeemed_sum,
        sum(expired) OVER three_months AS expired_sum
    FROM kpi_core.scope_now
    WINDOW three_months AS (PARTITION BY scope, program_id, org_id, segment ORDER BY month ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)
)
SELECT
    month, scope, program_id, org_id, segment,
    ahead AS months_ahead,
    addMonths(month, ahead) AS forecast_month,
    -- One division, at the end: six times a rounded third would be off.
    CAST(round(unspent + CAST((awarded_sum - redeemed_sum - expired_sum) * ahead AS Decimal(76, 20)) / months, 4) AS Decimal(38, 4)) AS projected_dollars,
    CAST(round(CAST(awarded_sum AS Decimal(76, 20)) / months, 4) AS Decimal(38, 4)) AS avg_awarded,
    CAST(round(CAST(redeemed_sum AS Decimal(76, 20)) / months, 4) AS Decimal(38, 4)) AS avg_redeemed,
    CAST(round(CAST(expired_sum AS Decimal(76, 20)) / months, 4) AS Decimal(38, 4)) AS avg_expired,
    toUInt8(months) AS months_of_rate,
    multiIf(
        unspent <= 0, CAST(0 AS Nullable(Decimal(38, 4))),
        redeemed_sum + expired_sum <= 0, NULL,
        CAST(round(CAST(unspent * months AS Decimal(76, 20)) / nullIf(redeemed_sum + expired_sum, 0), 4) AS Nullable(Decimal(38, 4)))) AS months_until_run_off
FROM rate
ARRAY JOIN range(toUInt8(7)) AS ahead
COMMENT 'What becomes of the liability at the rate of the last three months';
