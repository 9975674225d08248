-- Organisations in force: the known ones as delivered, and those that only events name. KPI.md section 1.
CREATE TABLE IF NOT EXISTS kpi_core.organisation
(
    edition    UInt64 COMMENT 'Edition that computed the row',
    program_id String COMMENT 'Programme',
    org_id     String COMMENT 'Organisation, within the programme',
    joined_on  Nullable(Date32) COMMENT 'Of an inferred organisation: the day of the first event that names it',
    left_on    Nullable(Date32) COMMENT 'Day of leaving, no longer counted on it; NULL: has not left',
    segments   Array(String) COMMENT 'Segments of its members in force, sorted',
    inferred   UInt8 COMMENT '1 where only events mention the organisation'
)
ENGINE = MergeTree
PARTITION BY edition
ORDER BY (program_id, org_id)
COMMENT 'Organisations in force, known and inferred';
