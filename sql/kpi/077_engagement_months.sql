-- The months of the portfolio and of each programme, and what the figures contain, for who may not read kpi: it names the programme, so
-- that a row policy of readers of some programmes has something to go by.
CREATE OR REPLACE VIEW kpi_engagement.months
(
    month        Date32 COMMENT 'First day of the month, in the reporting zone',
    program_id   String COMMENT 'Programme; empty for the portfolio',
    state        LowCardinality(String) COMMENT 'open: the month is not over, or not all of it has come; else complete',
    is_newest    UInt8 COMMENT '1 for the newest complete month: what reports are about unless told otherwise',
    newest_event DateTime64(6, 'UTC') COMMENT 'The newest event that the figures contain, of any programme',
    refreshed_at DateTime64(6, 'UTC') COMMENT 'The facts as they were at this time are in the figures'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT s.month AS month, s.program_id AS program_id, m.state AS state, m.is_newest AS is_newest, a.newest_event AS newest_event, a.refreshed_at AS refreshed_at
FROM kpi_core.scope_now AS s
INNER JOIN kpi.months AS m ON s.month = m.month
CROSS JOIN kpi.as_of AS a
WHERE s.scope IN ('portfolio', 'program')
COMMENT 'The months of the portfolio and of each programme, whether each is over, and what the figures contain';
