-- Backups that were made from here. A backup holds its own row, as it stood when the backup began: so whoever restores it
-- learns which tables are in it. The backups themselves are where the config's section backup says.
CREATE TABLE IF NOT EXISTS etl.backups
(
    name        String COMMENT 'Name of the backup, within its place',
    place       String COMMENT 'Where it is, without credentials',
    base        String COMMENT 'Backup that it builds on, in the same place; empty where it is whole by itself',
    tables      Array(Tuple(part String, database String, table String)) COMMENT 'What it holds',
    began_at    DateTime64(6, 'UTC') COMMENT 'When it was begun',
    finished_at Nullable(DateTime64(6, 'UTC')) COMMENT 'NULL until it is whole, and for ever if it was cut short',
    bytes       UInt64 COMMENT 'Bytes written, without those of its base',
    updated_at  DateTime64(6, 'UTC') COMMENT 'When this row was written'
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (place, name)
COMMENT 'Backups of the warehouse';
