-- Where computed tables are not what the facts give, and what a repair changed in them. kpi.differing_rows has the newest
-- comparison's.
CREATE TABLE IF NOT EXISTS etl.differing_rows
(
    check_id String COMMENT 'Comparison: the validation''s check_id, or the run_id of a repair. Sortable by time (UUIDv7)',
    table    LowCardinality(String) COMMENT 'Table of kpi_core; kpi.metric_monthly where a figure was recomputed by SQL of its own',
    month    Nullable(Date32) COMMENT 'First day of the row''s month, in the reporting zone; NULL: the table has no months',
    key      String COMMENT 'What the row is about, such as scope portfolio, metric dollars_awarded',
    found    Map(String, String) COMMENT 'What readers saw, of the columns that differ; empty: there was no such row',
    expected Map(String, String) COMMENT 'What the facts give, of the same columns; empty: there should be no such row',
    among    UInt64 COMMENT 'So many rows of that table and month differ; not all of them are kept'
)
ENGINE = ReplacingMergeTree
ORDER BY (check_id, table, ifNull(month, toDate32('1900-01-01')), key)
COMMENT 'Rows of computed tables that are not what the facts give';
