-- Target of the refreshable view kpi_core.member_refresh.
CREATE TABLE IF NOT EXISTS kpi_core.member
(
    program_id String,
    member_id  String,
    org_id     String COMMENT 'Organisation in force now; of an inferred member: one that its events name',
    segment    String COMMENT 'Segment in force now, empty for inferred members',
    joined_on  Nullable(Date32) COMMENT 'Of an inferred member: the day of its first event (with this organisation)',
    left_on    Nullable(Date32),
    inferred   UInt8 COMMENT '1 where only events mention the member; one row per organisation then'
)
ENGINE = MergeTree
ORDER BY (program_id, member_id, org_id)
COMMENT 'Members in force, known and inferred';
