-- Which process tells receivers: each that wants to claims it first, and goes on only where no other claim is live.
CREATE TABLE IF NOT EXISTS etl.notice_claims
(
    claim      String COMMENT 'One claim of one process (UUIDv7)',
    expires_at DateTime64(6, 'UTC') COMMENT 'Until when it is live; that of a process which died runs out',
    updated_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY claim
TTL toDateTime(expires_at) + INTERVAL 1 DAY
COMMENT 'Claims to tell receivers of notifications';
