-- A cursor holds for one place only: where the source's spec changes, it starts anew.
ALTER TABLE etl.cursors
    ADD COLUMN IF NOT EXISTS place String COMMENT 'Fingerprint of the source''s place and format; a cursor of another place is not used' AFTER cursor;
