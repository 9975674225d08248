-- Dollars redeemed and refunded. Read it with FINAL: the winner of each key, without the deleted ones.
CREATE TABLE IF NOT EXISTS warehouse.redemptions
(
    program_id    String COMMENT 'Programme',
    redemption_id String COMMENT 'Redemption, within the programme',
    org_id        String COMMENT 'Organisation of the event',
    member_id     String COMMENT 'Member, within the programme',
    kind          LowCardinality(String) COMMENT 'redemption or refund: carries the sign',
    amount        Decimal(18, 4) COMMENT 'Amount in its own currency, never negative',
    currency      LowCardinality(String) COMMENT 'Currency of the amount',
    category      LowCardinality(String) COMMENT 'What it was redeemed for',
    redeemed_at   DateTime64(6, 'UTC') COMMENT 'When it happened',
    version      UInt64 COMMENT 'Order of deliveries of the same key: the source''s own update time, or the delivery''s',
    is_deleted   UInt8 COMMENT '1 where the delivery deletes the key',
    source       LowCardinality(String) COMMENT 'Source of the row',
    unit         LowCardinality(String) COMMENT 'Unit of the row',
    run_id       LowCardinality(String) COMMENT 'Run that loaded the row',
    delivered_at DateTime64(6, 'UTC') COMMENT 'When the unit was delivered',
    source_row   UInt64 COMMENT 'Place of the row in its unit, from 1',
    -- Version, then delivery, then place in the unit: the same winner whatever the order of loads.
    precedence   UInt256 MATERIALIZED bitOr(bitOr(bitShiftLeft(toUInt256(version), 128), bitShiftLeft(toUInt256(toUnixTimestamp64Micro(delivered_at)), 64)), toUInt256(source_row)) CODEC(ZSTD(1)),

    INDEX redeemed_at_minmax redeemed_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(precedence, is_deleted)
ORDER BY (program_id, redemption_id)
COMMENT 'Dollars redeemed and refunded: KPI.md section 1';
