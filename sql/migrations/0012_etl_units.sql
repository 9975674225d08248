-- The ledger: one row per version of a unit. Its row is written last, so a unit without one, or with another
-- status than loaded, is loaded again.
CREATE TABLE IF NOT EXISTS etl.units
(
    source         LowCardinality(String),
    unit           String COMMENT 'Identity within the source: path, key or window',
    version        String COMMENT 'Identity of the content: ETag, size and time, or a hash',
    status         LowCardinality(String) COMMENT 'loaded or failed',
    run_id         String COMMENT 'Run that made this row',
    load_id        String COMMENT 'Attempt that made this row; its rejects are the ones that stand',
    delivered_at   DateTime64(6, 'UTC') COMMENT 'When the place received the content',
    window_to      Nullable(DateTime64(6, 'UTC')) COMMENT 'End of the time window that the unit covers, where it has one',
    mapping        String COMMENT 'Fingerprint of the mapping that standardised it',
    rows_read      UInt64 COMMENT 'Rows of the unit',
    rows_malformed UInt64 COMMENT 'Of these: not readable in the format',
    bytes_read     UInt64,
    seconds        Float64,
    error          String,
    updated_at     DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (source, unit, version)
COMMENT 'Ledger of loaded units';
