-- Months whose figures a load may change. Written before the load's rows become visible (with the old month of a
-- moved row) and again after; settled once the unit is in the ledger and the months were recomputed after that.
CREATE TABLE IF NOT EXISTS etl.touched_months
(
    month      Date32 COMMENT 'First day, in the reporting zone',
    source     LowCardinality(String),
    unit       String,
    version    String,
    settled    UInt8,
    touched_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(touched_at)
ORDER BY (source, unit, version, month)
COMMENT 'Months to recompute';
