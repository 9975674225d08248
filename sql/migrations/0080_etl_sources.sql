-- The sources that the config names, with their limits: what the checks measure freshness and rejects against. Written by
-- runs and checks, only where something changed.
CREATE TABLE IF NOT EXISTS etl.sources
(
    source       LowCardinality(String) COMMENT 'Name in the config',
    configured   UInt8 COMMENT '0 once the source has left the config: it no longer counts',
    fresh_within Nullable(UInt64) COMMENT 'Seconds within which it must deliver again; NULL: no limit, but it must have delivered once',
    max_share    Float64 COMMENT 'Largest share of a unit''s rows that may be rejected',
    max_rows     Nullable(UInt64) COMMENT 'Most rows of a unit that may be rejected; NULL: no limit',
    updated_at   DateTime64(6, 'UTC') COMMENT 'When the config said so first'
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY source
COMMENT 'Sources of the config and their limits';
