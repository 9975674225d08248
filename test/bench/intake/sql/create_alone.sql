-- Where ClickHouse alone loads the awards: ordered for reading, and nothing else.
CREATE TABLE bench.alone
(
    award_id   String,
    program_id String,
    org_id     String,
    member_id  String,
    amount     Decimal(18, 2),
    currency   String,
    awarded_at DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (program_id, member_id, awarded_at)
