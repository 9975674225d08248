-- What decides when a source has delivered all of a month: sql/verdicts/incomplete_sources.sql.
ALTER TABLE etl.sources
    ADD COLUMN IF NOT EXISTS is_asked UInt8 COMMENT '1 for an API or a database, which is asked for what there is; 0 where files come' AFTER max_rows,
    ADD COLUMN IF NOT EXISTS is_awaited UInt8 DEFAULT 1 COMMENT '0 where no month waits for the source' AFTER is_asked,
    ADD COLUMN IF NOT EXISTS month_after UInt64 COMMENT 'Seconds after the end of a month from which on it has all of that month' AFTER is_awaited;
