-- Target of the refreshable view kpi_core.organisation_refresh.
CREATE TABLE IF NOT EXISTS kpi_core.organisation
(
    program_id String,
    org_id     String,
    joined_on  Nullable(Date32) COMMENT 'Of an inferred organisation: the day of the first event that names it',
    left_on    Nullable(Date32),
    segments   Array(String) COMMENT 'Segments of its members in force',
    inferred   UInt8 COMMENT '1 where only events mention the organisation'
)
ENGINE = MergeTree
ORDER BY (program_id, org_id)
COMMENT 'Organisations in force, known and inferred';
