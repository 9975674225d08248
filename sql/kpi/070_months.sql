-- The months that there are figures of, and whether each is over: the months of a portfolio that has begun have no gaps.
CREATE OR REPLACE VIEW kpi.months
(
    month     Date32 COMMENT 'First day of the month, in the reporting zone',
    state     LowCardinality(String) COMMENT 'open: the month is not over, or not all of it has come; else complete',
    is_newest UInt8 COMMENT '1 for the newest complete month: what reports are about unless told otherwise'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
WITH
    assumeNotNull((SELECT timezone FROM kpi_core.settings)) AS zone,
    -- The newest month that was over when the facts were read, and whose last day has events.
    (
        SELECT
            least(
                addMonths(toDate32(toStartOfMonth(toTimeZone(refreshed_at, zone))), -1),
                if(toDate32(toTimeZone(newest_event, zone)) >= addDays(addMonths(newest_month, 1), -1), newest_month, addMonths(newest_month, -1)))
        FROM kpi.as_of
    ) AS newest_complete
SELECT
    month,
    if(ifNull(month <= newest_complete, 0), 'complete', 'open') AS state,
    ifNull(month = newest_complete, 0) AS is_newest
FROM kpi_core.scope_now
WHERE scope = 'portfolio'
ORDER BY month
COMMENT 'The months that there are figures of, and whether each is over';
