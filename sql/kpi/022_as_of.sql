-- What the figures contain and when they were computed: the same for all tables that a query reads.
CREATE OR REPLACE VIEW kpi.as_of
(
    edition      UInt64 COMMENT 'Number of the edition of all figures; a later one is higher',
    run_id       String COMMENT 'Run that computed the figures',
    newest_event DateTime64(6, 'UTC') COMMENT 'The newest event that the figures contain',
    newest_month Date32 COMMENT 'Month of the newest event, in the reporting zone',
    refreshed_at DateTime64(6, 'UTC') COMMENT 'The facts as they were at this time are in the figures'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT e.edition AS edition, e.run_id AS run_id, e.newest_event AS newest_event, e.newest_month AS newest_month, e.refreshed_at AS refreshed_at
FROM kpi_core.edition AS e
WHERE e.edition = (SELECT edition FROM kpi_core.current_edition) AND e.newest_month > '1900-01-01'
LIMIT 1
COMMENT 'The run, the newest event and the time that all figures share';
