-- Two mappings of one entity may reject the same row for the same column: these are two rejects.
ALTER TABLE etl.rejects
    ADD COLUMN IF NOT EXISTS mapping UInt16 COMMENT 'Place of the mapping in the source''s list, from 1; 0 where the format could not read the row' AFTER entity,
    MODIFY ORDER BY (source, unit, load_id, entity, position, column, mapping);
