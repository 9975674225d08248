-- Results of the data validation of KPI.md section 7, every one ever given. kpi.checks has the newest.
CREATE TABLE IF NOT EXISTS etl.checks
(
    check_id   String COMMENT 'One validation: ten checks. Sortable by time (UUIDv7)',
    checked_at DateTime64(6, 'UTC') COMMENT 'When the validation began',
    check      LowCardinality(String) COMMENT 'conservation, reconciliation, freshness, completeness, duplicates, orphans, negative_balance, future_dated, rejects or restatement',
    month      Nullable(Date32) COMMENT 'Month that was validated; NULL: everything',
    verdict    LowCardinality(String) COMMENT 'pass, warn or fail',
    figure     Decimal(38, 4) COMMENT 'How much was found',
    unit       LowCardinality(String) COMMENT 'What the figure counts',
    message    String COMMENT 'The finding in words',
    query      String COMMENT 'Lists the offending rows'
)
ENGINE = MergeTree
ORDER BY (check_id, check)
COMMENT 'Results of data validation';
