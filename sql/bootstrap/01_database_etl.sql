-- What the pipeline remembers: runs, units, rejects, months to recompute.
CREATE DATABASE IF NOT EXISTS etl
COMMENT 'The ledger of loads: runs, units, rejects, months to recompute';
