-- Reward programmes. Read it with FINAL: the winner of each key, without the deleted ones.
CREATE TABLE IF NOT EXISTS warehouse.programs
(
    program_id   String COMMENT 'Programme',
    name         String COMMENT 'Name',
    client_name  String COMMENT 'Client that runs the programme',
    currency     LowCardinality(String) COMMENT 'Currency of the programme',
    launched_on  Nullable(Date32) COMMENT 'Day of launch',
    status       LowCardinality(String) COMMENT 'active, paused or closed',
    version      UInt64 COMMENT 'Order of deliveries of the same key: the source''s own update time, or the delivery''s',
    is_deleted   UInt8 COMMENT '1 where the delivery deletes the key',
    source       LowCardinality(String) COMMENT 'Source of the row',
    unit         LowCardinality(String) COMMENT 'Unit of the row',
    run_id       LowCardinality(String) COMMENT 'Run that loaded the row',
    delivered_at DateTime64(6, 'UTC') COMMENT 'When the unit was delivered',
    source_row   UInt64 COMMENT 'Place of the row in its unit, from 1',
    -- Version, then delivery, then place in the unit: the same winner whatever the order of loads.
    precedence   UInt256 MATERIALIZED bitOr(bitOr(bitShiftLeft(toUInt256(version), 128), bitShiftLeft(toUInt256(toUnixTimestamp64Micro(delivered_at)), 64)), toUInt256(source_row)) CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(precedence, is_deleted)
ORDER BY (program_id)
COMMENT 'Reward programmes: KPI.md section 1';
