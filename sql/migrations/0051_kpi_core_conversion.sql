-- Of the members awarded in a month, how many redeemed within 30, 60 and 90 days of their first award. KPI.md section 3.
CREATE TABLE IF NOT EXISTS kpi_core.conversion
(
    edition       UInt64 COMMENT 'Edition that computed the row',
    month         Date32 COMMENT 'First day of the month, in the reporting zone',
    scope         LowCardinality(String) COMMENT 'portfolio, program, organisation or segment',
    program_id    String COMMENT 'Empty for the portfolio',
    org_id        String COMMENT 'Of scope organisation, else empty',
    segment       String COMMENT 'Of scope segment, else empty',
    cohort        UInt64 COMMENT 'Members with an entry of kind award in the month',
    converted_30d UInt64 COMMENT 'Of these: with a redemption less than 30 x 24 h after the first award of the month',
    converted_60d UInt64 COMMENT 'The same, 60 x 24 h',
    converted_90d UInt64 COMMENT 'The same, 90 x 24 h'
)
ENGINE = MergeTree
PARTITION BY edition
ORDER BY (month, scope, program_id, org_id, segment)
COMMENT 'Members awarded in each month, and how many of them redeemed soon after';
