-- Months whose review is over. A month may be closed again after a restatement: the newest row counts.
CREATE TABLE IF NOT EXISTS etl.closed_months
(
    month     Date32 COMMENT 'First day, in the reporting zone',
    closed_at DateTime64(6, 'UTC') COMMENT 'When it was closed; its figures are those of this instant',
    closed_by String COMMENT 'Who closed it',
    note      String COMMENT 'What they had to say'
)
ENGINE = ReplacingMergeTree
ORDER BY (month, closed_at)
COMMENT 'Months whose review is over';
