-- The newest result of each check: over everything, and for each month that was validated by itself.
CREATE OR REPLACE VIEW kpi.checks
(
    check      String COMMENT 'conservation, reconciliation, freshness, completeness, duplicates, orphans, negative_balance, future_dated, rejects or restatement',
    month      Nullable(Date32) COMMENT 'Month that was validated; NULL: everything',
    verdict    String COMMENT 'pass, warn or fail',
    figure     Decimal(38, 4) COMMENT 'How much was found',
    unit       String COMMENT 'What the figure counts',
    message    String COMMENT 'The finding in words',
    query      String COMMENT 'Lists the offending rows',
    checked_at DateTime64(6, 'UTC') COMMENT 'When it was validated'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT check, month, verdict, figure, unit, message, query, checked_at
FROM etl.checks
ORDER BY checked_at DESC
LIMIT 1 BY check, month
COMMENT 'The newest result of each check, over everything and for each month';
