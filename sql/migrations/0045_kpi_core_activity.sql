-- What each member did in each month, under the organisation that the events name. A function of the facts alone.
CREATE TABLE IF NOT EXISTS kpi_core.activity
(
    edition         UInt64 COMMENT 'Edition that computed the row',
    month           Date32 COMMENT 'First day of the month, in the reporting zone',
    program_id      String COMMENT 'Programme',
    member_id       String COMMENT 'Member, within the programme; empty: anonymous sessions',
    org_id          String COMMENT 'Organisation that the events themselves name',
    awarded         Decimal(38, 4) COMMENT 'Sum of kind award, in the reporting currency',
    reversed        Decimal(38, 4) COMMENT 'Sum of kind reversal',
    expired         Decimal(38, 4) COMMENT 'Sum of kind expiry',
    redeemed        Decimal(38, 4) COMMENT 'Sum of kind redemption',
    refunded        Decimal(38, 4) COMMENT 'Sum of kind refund',
    sessions        UInt64 COMMENT 'Sessions that start in the month',
    page_views      UInt64 COMMENT 'Their page views',
    session_seconds Decimal(38, 6) COMMENT 'Their duration',
    first_event_on  Date32 COMMENT 'Day of the first event of any kind in the month',
    last_event_at   DateTime64(6, 'UTC') COMMENT 'The newest event of any kind in the month'
)
ENGINE = MergeTree
PARTITION BY (month, edition)
ORDER BY (program_id, member_id, org_id)
COMMENT 'What each member did in each month';
