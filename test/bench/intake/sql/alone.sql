-- ClickHouse alone: its own loader reads the object.
INSERT INTO bench.alone
SELECT award_id, program_id, org_id, member_id, amount, currency, awarded_at
FROM s3({url:String}, {key:String}, {secret:String}, {format:String},
    'award_id String, program_id String, org_id String, member_id String, amount Decimal(18, 2), currency String, awarded_at DateTime64(3, \'UTC\')',
    {compression:String})
