-- What the figures contain and when they were computed: one for all tables, since all stand on one.
CREATE OR REPLACE VIEW kpi.as_of
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT
    max(newest_event) AS newest_event,
    max(refreshed_at) AS refreshed_at,
    max(month)        AS newest_month
FROM kpi_core.metric_month
COMMENT 'The newest event that the figures contain, and when they were computed';
