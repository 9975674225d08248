-- The awards that are delivered, before they are written as files.
CREATE TABLE bench.drawn
(
    i          UInt64,
    award_id   String,
    program_id String,
    org_id     String,
    member_id  String,
    amount     Decimal(18, 2),
    currency   String,
    awarded_at DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY i
