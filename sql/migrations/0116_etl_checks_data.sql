-- What a validation looked at, so that it can be told whether it still holds.
ALTER TABLE etl.checks
    ADD COLUMN IF NOT EXISTS data String COMMENT 'State of the data when the validation began: sql/verdicts/data_state.sql; empty in rows from before this column' AFTER query;
