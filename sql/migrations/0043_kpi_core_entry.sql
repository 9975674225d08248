-- Ledger entries in force, in the reporting currency, by month and member. Computed from the facts of touched months.
CREATE TABLE IF NOT EXISTS kpi_core.entry
(
    edition          UInt64 COMMENT 'Edition that computed the row',
    month            Date32 COMMENT 'First day of the month, in the reporting zone',
    program_id       String COMMENT 'Programme',
    member_id        String COMMENT 'Member, within the programme',
    org_id           String COMMENT 'Organisation that the event itself names',
    event_id         String COMMENT 'Award or redemption',
    kind             LowCardinality(String) COMMENT 'award, reversal, expiry, redemption or refund',
    at               DateTime64(6, 'UTC') COMMENT 'When it happened',
    day              Date32 COMMENT 'Its day in the reporting zone',
    amount_reporting Decimal(38, 4) COMMENT 'Amount in the reporting currency, never negative'
)
ENGINE = MergeTree
PARTITION BY (month, edition)
ORDER BY (program_id, member_id, at)
COMMENT 'Ledger entries in force, in the reporting currency';
