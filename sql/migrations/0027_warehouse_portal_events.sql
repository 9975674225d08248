-- Page views on the portal, which become sessions. Read it with FINAL: the winner of each key, without the deleted ones.
CREATE TABLE IF NOT EXISTS warehouse.portal_events
(
    program_id   String COMMENT 'Programme',
    event_id     String COMMENT 'Page view, within the programme',
    member_id    String COMMENT 'Member, empty: anonymous',
    visitor_id   String COMMENT 'Visitor, empty: the member is the visitor',
    occurred_at  DateTime64(6, 'UTC') COMMENT 'When it happened',
    page         String COMMENT 'Page',
    device       LowCardinality(String) COMMENT 'Kind of device',
    version      UInt64 COMMENT 'Order of deliveries of the same key: the source''s own update time, or the delivery''s',
    is_deleted   UInt8 COMMENT '1 where the delivery deletes the key',
    source       LowCardinality(String) COMMENT 'Source of the row',
    unit         LowCardinality(String) COMMENT 'Unit of the row',
    run_id       LowCardinality(String) COMMENT 'Run that loaded the row',
    delivered_at DateTime64(6, 'UTC') COMMENT 'When the unit was delivered',
    source_row   UInt64 COMMENT 'Place of the row in its unit, from 1',
    -- Version, then delivery, then place in the unit: the same winner whatever the order of loads.
    precedence   UInt256 MATERIALIZED bitOr(bitOr(bitShiftLeft(toUInt256(version), 128), bitShiftLeft(toUInt256(toUnixTimestamp64Micro(delivered_at)), 64)), toUInt256(source_row)) CODEC(ZSTD(1)),

    INDEX occurred_at_minmax occurred_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(precedence, is_deleted)
ORDER BY (program_id, event_id)
COMMENT 'Page views on the portal, which become sessions: KPI.md section 1';
