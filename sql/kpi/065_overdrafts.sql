-- Draws beyond a member's lots. KPI.md section 3, FIFO. Lots less draws before an entry are what is left of the lots, or,
-- below zero, the overdraft: never both.
CREATE OR REPLACE VIEW kpi.overdrafts
(
    month      Date32 COMMENT 'Month of the draw',
    program_id String COMMENT 'Programme',
    member_id  String COMMENT 'Member, within the programme',
    kind       LowCardinality(String) COMMENT 'redemption, reversal or expiry',
    event_id   String COMMENT 'Redemption or award',
    at         DateTime64(6, 'UTC') COMMENT 'When it happened',
    drawn      Decimal(38, 4) COMMENT 'What it drew, in the reporting currency',
    overdrawn  Decimal(38, 4) COMMENT 'Of this: beyond the lots that the member had'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT month, program_id, member_id, kind, event_id, at, amount_reporting AS drawn, amount_reporting - least(amount_reporting, greatest(held, toDecimal128(0, 4))) AS overdrawn
FROM
(
    SELECT
        *,
        kind IN ('award', 'refund') AS is_lot,
        -- All before this entry, in the order of the same instant: award, refund, reversal, expiry, redemption, then id.
        sum(if(is_lot, amount_reporting, -amount_reporting)) OVER
        (
            PARTITION BY program_id, member_id
            ORDER BY at, transform(kind, ['award', 'refund', 'reversal', 'expiry', 'redemption'], [0, 1, 2, 3, 4], 5), event_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS held
    FROM kpi_core.entry_now
)
WHERE NOT is_lot AND overdrawn > 0
COMMENT 'Draws beyond what a member had: KPI.md section 3, FIFO';
