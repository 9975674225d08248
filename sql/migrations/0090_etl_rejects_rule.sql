-- Which rule a reject broke, and whether its raw row may lack columns that others of its unit have: a replay has to know.
ALTER TABLE etl.rejects
    ADD COLUMN IF NOT EXISTS rule LowCardinality(String) COMMENT 'Rule that the row broke, such as type or range; empty in rows from before this column' AFTER column,
    ADD COLUMN IF NOT EXISTS sparse UInt8 COMMENT '1 where a column that raw lacks is merely absent from this row (JSON)' AFTER raw;
