-- Rows that no mapping takes are rejects where the source's config says so.
ALTER TABLE etl.units
    ADD COLUMN IF NOT EXISTS rows_unrouted UInt64 COMMENT 'Of rows_read: taken by no mapping, and rejected for that' AFTER rows_malformed;
