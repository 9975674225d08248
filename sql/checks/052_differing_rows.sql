-- What the newest check of reconciliation found: in the tables that the figures are made of, and in the figures.
CREATE OR REPLACE VIEW kpi.differing_rows
(
    month    Nullable(Date32) COMMENT 'First day of the row''s month, in the reporting zone; NULL: the table has no months',
    table    LowCardinality(String) COMMENT 'Table of kpi_core; kpi.metric_monthly where a figure was recomputed by SQL of its own (kpi.unreconciled)',
    key      String COMMENT 'What the row is about, such as scope portfolio, metric dollars_awarded',
    found    Map(String, String) COMMENT 'What readers saw, of the columns that differ; empty: there was no such row',
    expected Map(String, String) COMMENT 'What the facts give, of the same columns; empty: there should be no such row',
    among    UInt64 COMMENT 'So many rows of that table and month differ; a hundred at the most are listed'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT month, table, key, found, expected, among
FROM etl.differing_rows FINAL
WHERE check_id = (SELECT argMax(check_id, checked_at) FROM etl.checks WHERE check = 'reconciliation')
ORDER BY month, table, key
COMMENT 'Check reconciliation: rows that are not what the facts give';
