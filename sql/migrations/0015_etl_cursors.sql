-- Where an incremental source goes on. The ledger decides what is loaded; a cursor only saves listing.
CREATE TABLE IF NOT EXISTS etl.cursors
(
    source     LowCardinality(String),
    cursor     String,
    run_id     String,
    updated_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY source
COMMENT 'Where incremental sources go on';
