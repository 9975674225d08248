-- Who claims to be the only one to do something: a row a claim, rewritten as it is renewed. A claim holds the lease if no
-- other was live when it was looked at after its insert; so of two, one at most does (load/lease.go).
CREATE TABLE IF NOT EXISTS etl.leases
(
    name       String COMMENT 'What is leased, such as a job',
    claim      String COMMENT 'Unguessable id of the claim',
    renewals   UInt32 COMMENT 'How often it was renewed; the largest number once it was given back',
    holder     String COMMENT 'Host and process that claims it',
    claimed_at DateTime64(6, 'UTC') COMMENT 'When the claim was made, by the server''s clock',
    expires_at DateTime64(6, 'UTC') COMMENT 'Until when it is live, by the server''s clock'
)
ENGINE = ReplacingMergeTree(renewals)
ORDER BY (name, claim)
TTL toDateTime(expires_at) + INTERVAL 1 DAY DELETE
COMMENT 'Leases, and claims to them';
