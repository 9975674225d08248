-- A closing says what it stands on.
ALTER TABLE etl.closed_months
    ADD COLUMN IF NOT EXISTS check_id String COMMENT 'Validation that it stands on, in etl.checks; empty: it was closed before reviews had steps',
    ADD COLUMN IF NOT EXISTS verdict LowCardinality(String) COMMENT 'Worst verdict of that validation: pass, warn or fail (waived)',
    ADD COLUMN IF NOT EXISTS figures String COMMENT 'State of the figures that were assessed and closed: of kpi_core.figure_state';
