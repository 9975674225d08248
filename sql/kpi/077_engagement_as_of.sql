-- What the figures contain and when they were computed, for who may not read kpi.
CREATE OR REPLACE VIEW kpi_engagement.as_of
(
    newest_event DateTime64(6, 'UTC') COMMENT 'The newest event that the figures contain',
    newest_month Date32 COMMENT 'Month of the newest event, in the reporting zone',
    refreshed_at DateTime64(6, 'UTC') COMMENT 'The facts as they were at this time are in the figures'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT newest_event, newest_month, refreshed_at
FROM kpi.as_of
COMMENT 'The newest event and the time that all figures share';
