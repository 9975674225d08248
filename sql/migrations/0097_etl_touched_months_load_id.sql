-- Each load has touches of its own: they are settled once nothing more of that load can become visible.
ALTER TABLE etl.touched_months
    ADD COLUMN IF NOT EXISTS load_id String COMMENT 'Load that touched the month; empty where it was no load, and in rows from before this column' AFTER version,
    MODIFY ORDER BY (source, unit, version, month, load_id);
