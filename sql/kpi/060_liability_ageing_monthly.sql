-- The liability by age: one row a scope, month and bucket.
CREATE OR REPLACE VIEW kpi.liability_ageing_monthly
(
    month      Date32 COMMENT 'First day of the month, in the reporting zone',
    scope      LowCardinality(String) COMMENT 'portfolio, program, organisation or segment',
    program_id String COMMENT 'Programme; empty for the portfolio',
    org_id     String COMMENT 'Organisation, of scope organisation; else empty',
    segment    String COMMENT 'Segment, of scope segment; else empty',
    bucket     LowCardinality(String) COMMENT 'Age at the month''s last day: 0-30, 31-60, 61-90, 91-180, 181-365 or 365+ days',
    from_days  UInt16 COMMENT 'Least age of the bucket in days; sorts the buckets',
    dollars    Decimal(38, 4) COMMENT 'Unspent dollars of that age, oldest spent first (FIFO), in the reporting currency',
    share      Nullable(Decimal(38, 12)) COMMENT 'Part of all buckets; NULL where there is nothing unspent'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT
    month, scope, program_id, org_id, segment,
    aged.1 AS bucket,
    aged.2 AS from_days,
    aged.3 AS dollars,
    CAST(round(CAST(aged.3 AS Decimal(76, 20)) / nullIf(CAST(liability_0_30 + liability_31_60 + liability_61_90 + liability_91_180 + liability_181_365 + liability_365_plus AS Decimal(76, 20)), 0), 12)
        AS Nullable(Decimal(38, 12))) AS share
FROM kpi_core.scope_now
ARRAY JOIN
[
    ('0-30', 0, liability_0_30),
    ('31-60', 31, liability_31_60),
    ('61-90', 61, liability_61_90),
    ('91-180', 91, liability_91_180),
    ('181-365', 181, liability_181_365),
    ('365+', 366, liability_365_plus)
] AS aged
COMMENT 'The liability by age (KPI.md section 3, FIFO); the buckets sum to the positive balances of members';
