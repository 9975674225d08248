-- Editions: one a refresh. A reader sees the newest one in effect, the same one through a whole query: an edition takes
-- effect at a full second after it was published, and a query goes by the second of its own start.
CREATE TABLE IF NOT EXISTS kpi_core.edition
(
    edition      UInt64 COMMENT 'Number of the edition; the later the refresh began, the higher',
    run_id       String COMMENT 'Run that computed it',
    newest_event DateTime64(6, 'UTC') COMMENT 'The newest event that the figures contain',
    newest_month Date32 COMMENT 'Month of the newest event; 1900-01-01 where there are no events',
    refreshed_at DateTime64(6, 'UTC') COMMENT 'The facts as they were at this time are in the figures',
    effective_at DateTime('UTC') COMMENT 'Queries that start at this second or later see the edition'
)
ENGINE = MergeTree
ORDER BY edition
COMMENT 'Editions of the figures that were published';
