-- Months whose review is over; of a month that was closed again, the newest closing.
CREATE OR REPLACE VIEW kpi.closed_months
(
    month     Date32 COMMENT 'First day of the month, in the reporting zone',
    closed_at DateTime64(6, 'UTC') COMMENT 'When it was closed',
    closed_by String COMMENT 'Who closed it',
    note      String COMMENT 'What they had to say'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT month, closed_at, closed_by, note
FROM etl.closed_months FINAL
ORDER BY month, closed_at DESC
LIMIT 1 BY month
COMMENT 'Months whose review is over';
