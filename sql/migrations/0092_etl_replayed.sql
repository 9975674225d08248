-- What became of a unit's rows in each mapping, after its rejects were replayed: in the place of its rows in
-- etl.unit_entities as soon as the ledger names the load. Keyed by the load, so that a replay that was cut short changes no
-- account.
CREATE TABLE IF NOT EXISTS etl.replayed
(
    source            LowCardinality(String) COMMENT 'Source of the unit',
    unit              String COMMENT 'File, object or window',
    version           String COMMENT 'Version of the unit''s content',
    load_id           String COMMENT 'Replay that made this row; the ledger names it once it is done',
    mapping           UInt16 COMMENT 'Place of the mapping in the source''s list, from 1, when the unit was loaded',
    entity            LowCardinality(String) COMMENT 'Entity that the mapping makes',
    run_id            String COMMENT 'Run that replayed it',
    rows_in           UInt64 COMMENT 'Rows that the mapping was given',
    rows_filtered     UInt64 COMMENT 'Left out by the mapping''s filter',
    rows_loaded       UInt64 COMMENT 'Went into the facts',
    rows_superseded   UInt64 COMMENT 'Of a key that another row of the same unit delivers too',
    rows_rejected     UInt64 COMMENT 'Rejected still',
    amount_in         Decimal(38, 4) COMMENT 'Sum of amount over the standardised rows, in their own currencies',
    amount_loaded     Decimal(38, 4) COMMENT 'Of these: loaded',
    amount_superseded Decimal(38, 4) COMMENT 'Of these: superseded within the unit',
    updated_at        DateTime64(6, 'UTC') COMMENT 'When it was replayed'
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (source, unit, version, load_id, mapping)
COMMENT 'What became of each unit''s rows after a replay of its rejects, per mapping';
