-- Members in force: the known ones as delivered, and those that only events mention. KPI.md section 1.
CREATE TABLE IF NOT EXISTS kpi_core.member
(
    edition    UInt64 COMMENT 'Edition that computed the row',
    program_id String COMMENT 'Programme',
    member_id  String COMMENT 'Member, within the programme',
    org_id     String COMMENT 'Organisation in force now; of an inferred member: one that its events name',
    segment    String COMMENT 'Segment in force now, empty for inferred members',
    joined_on  Nullable(Date32) COMMENT 'Of an inferred member: the day of its first event (with this organisation)',
    left_on    Nullable(Date32) COMMENT 'Day of leaving, no longer counted on it; NULL: has not left',
    inferred   UInt8 COMMENT '1 where only events mention the member; one row per organisation then'
)
ENGINE = MergeTree
PARTITION BY edition
ORDER BY (program_id, member_id, org_id)
COMMENT 'Members in force, known and inferred';
