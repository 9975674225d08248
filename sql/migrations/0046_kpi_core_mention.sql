-- The first and newest event that names each organisation in each month: small, so that organisations that only events
-- know, and the newest event, are found without reading the members' rows of all months.
CREATE TABLE IF NOT EXISTS kpi_core.mention
(
    edition        UInt64 COMMENT 'Edition that computed the row',
    month          Date32 COMMENT 'First day of the month, in the reporting zone',
    program_id     String COMMENT 'Programme',
    org_id         String COMMENT 'Organisation that the events themselves name; empty: none',
    first_event_on Date32 COMMENT 'Day of the first event',
    last_event_at  DateTime64(6, 'UTC') COMMENT 'The newest event'
)
ENGINE = MergeTree
PARTITION BY edition
ORDER BY (month, program_id, org_id)
COMMENT 'First and newest event that names each organisation in each month';
