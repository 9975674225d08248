-- Dollars redeemed in each month by the days since they were awarded (KPI.md section 3, FIFO). Overdrafts are left out.
CREATE TABLE IF NOT EXISTS kpi_core.redeemed_lot
(
    edition    UInt64 COMMENT 'Edition that computed the row',
    month      Date32 COMMENT 'Month of the redemption',
    program_id String COMMENT 'Programme',
    member_id  String COMMENT 'Member, within the programme',
    org_id     String COMMENT 'Of a row for one organisation (is_part): that organisation; else empty',
    is_part    UInt8 COMMENT '1: only what the events of org_id are about; 0: all of the member',
    days       Int32 COMMENT 'Calendar days from the lot to the redemption, in the reporting zone',
    dollars    Decimal(38, 4) COMMENT 'Dollars redeemed, in the reporting currency'
)
ENGINE = MergeTree
PARTITION BY (month, edition)
ORDER BY (program_id, member_id, is_part, org_id, days)
COMMENT 'Dollars redeemed by the days since they were awarded';
