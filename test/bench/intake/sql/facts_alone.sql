-- ClickHouse alone, into a table as the facts are, with what a load adds to each row.
INSERT INTO bench.facts (program_id, award_id, org_id, member_id, kind, amount, currency, awarded_at, version, source, unit, run_id, delivered_at, source_row)
SELECT
    program_id, award_id, org_id, member_id, 'award', amount, currency, awarded_at, 1, 'bench', 'awards', 'alone', now64(6), rowNumberInAllBlocks() + 1
FROM s3({url:String}, {key:String}, {secret:String}, {format:String},
    'award_id String, program_id String, org_id String, member_id String, amount Decimal(18, 2), currency String, awarded_at DateTime64(3, \'UTC\')',
    {compression:String})
