-- What was dropped because it was old, each time that retention looked, and that it looked where there was nothing.
CREATE TABLE IF NOT EXISTS etl.retention
(
    looked_at DateTime64(6, 'UTC') COMMENT 'When retention looked',
    what      LowCardinality(String) COMMENT 'What was dropped: a name of partnerplus retention',
    before    DateTime64(6, 'UTC') COMMENT 'What was older than this went',
    rows      UInt64 COMMENT 'So many rows; of raw_rows: so many lost their raw row',
    bytes     UInt64 COMMENT 'Their size as text'
)
ENGINE = ReplacingMergeTree
ORDER BY (looked_at, what)
COMMENT 'What was dropped because it was old';
