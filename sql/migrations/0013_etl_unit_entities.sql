-- Conservation, per unit and mapping: rows_in = filtered + loaded + superseded + rejected, and the amounts likewise.
CREATE TABLE IF NOT EXISTS etl.unit_entities
(
    source            LowCardinality(String),
    unit              String,
    version           String,
    run_id            String,
    mapping           UInt16 COMMENT 'Place of the mapping in the source''s list, from 1',
    entity            LowCardinality(String),
    rows_in           UInt64 COMMENT 'Rows that the mapping was given',
    rows_filtered     UInt64 COMMENT 'Left out by the mapping''s filter',
    rows_loaded       UInt64 COMMENT 'Went into the facts',
    rows_superseded   UInt64 COMMENT 'Of a key that a later row of the same unit delivers again',
    rows_rejected     UInt64,
    amount_in         Decimal(38, 4) COMMENT 'Sum of amount over the standardised rows, in their own currencies',
    amount_loaded     Decimal(38, 4) COMMENT 'Of these: loaded',
    amount_superseded Decimal(38, 4) COMMENT 'Of these: superseded within the unit',
    updated_at        DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (source, unit, version, mapping)
COMMENT 'What became of each unit''s rows, per mapping';
