-- Members that the dimension knows, as they are now.
INSERT INTO kpi_core.member (edition, program_id, member_id, org_id, segment, joined_on, left_on, inferred)
SELECT {edition:UInt64}, program_id, member_id, org_id, segment, joined_on, left_on, 0
FROM warehouse.members FINAL;
