-- What an edition consists of: for each table and month, the edition that computed it. A refresh computes only the months
-- that may have changed; the others stay those of earlier editions.
CREATE TABLE IF NOT EXISTS kpi_core.edition_part
(
    edition UInt64 COMMENT 'Number of the edition',
    table   LowCardinality(String) COMMENT 'Table of kpi_core',
    month   Date32 COMMENT 'First day of the month',
    part    UInt64 COMMENT 'Edition whose rows of that table and month it takes'
)
ENGINE = MergeTree
PARTITION BY edition
ORDER BY (table, month)
COMMENT 'Which rows each edition consists of';
