-- The programmes that the data know by name.
CREATE OR REPLACE VIEW kpi.programs
(
    program_id  String COMMENT 'Programme',
    name        String COMMENT 'What people call it; empty: nothing',
    client_name String COMMENT 'Client that runs it',
    currency    LowCardinality(String) COMMENT 'Its own currency; figures are in the reporting currency',
    launched_on Nullable(Date32) COMMENT 'Day of launch; NULL: not told',
    status      LowCardinality(String) COMMENT 'active, paused or closed'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT program_id, name, client_name, currency, launched_on, status
FROM warehouse.programs FINAL
COMMENT 'Programmes as they are now, with their names; one that only events know is not here';
