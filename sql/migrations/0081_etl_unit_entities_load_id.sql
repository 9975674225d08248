-- Which attempt an account of a unit's rows is about, so that it can be held against the rejects of the same attempt.
ALTER TABLE etl.unit_entities
    ADD COLUMN IF NOT EXISTS load_id String COMMENT 'Attempt that made this row; empty in rows from before this column' AFTER run_id;
