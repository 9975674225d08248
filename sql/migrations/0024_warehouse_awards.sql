-- Dollars awarded, reversed and expired. Read it with FINAL: the winner of each key, without the deleted ones.
-- Not partitioned by month: a correction can move a row to another month, and FINAL does not merge across partitions.
CREATE TABLE IF NOT EXISTS warehouse.awards
(
    program_id   String COMMENT 'Programme',
    award_id     String COMMENT 'Award, within the programme',
    org_id       String COMMENT 'Organisation of the event',
    member_id    String COMMENT 'Member, within the programme',
    kind         LowCardinality(String) COMMENT 'award, reversal or expiry: carries the sign',
    amount       Decimal(18, 4) COMMENT 'Amount in its own currency, never negative',
    currency     LowCardinality(String) COMMENT 'Currency of the amount',
    awarded_at   DateTime64(6, 'UTC') COMMENT 'When it happened',
    version      UInt64 COMMENT 'Order of deliveries of the same key: the source''s own update time, or the delivery''s',
    is_deleted   UInt8 COMMENT '1 where the delivery deletes the key',
    source       LowCardinality(String) COMMENT 'Source of the row',
    unit         LowCardinality(String) COMMENT 'Unit of the row',
    run_id       LowCardinality(String) COMMENT 'Run that loaded the row',
    delivered_at DateTime64(6, 'UTC') COMMENT 'When the unit was delivered',
    source_row   UInt64 COMMENT 'Place of the row in its unit, from 1',
    -- Version, then delivery, then place in the unit: the same winner whatever the order of loads.
    precedence   UInt256 MATERIALIZED bitOr(bitOr(bitShiftLeft(toUInt256(version), 128), bitShiftLeft(toUInt256(toUnixTimestamp64Micro(delivered_at)), 64)), toUInt256(source_row)) CODEC(ZSTD(1)),

    INDEX awarded_at_minmax awarded_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(precedence, is_deleted)
ORDER BY (program_id, award_id)
COMMENT 'Dollars awarded, reversed and expired: KPI.md section 1';
