-- Members of an edition that the dimension knows, with the organisation and segment in force.
CREATE OR REPLACE VIEW kpi_core.known_member AS
SELECT program_id, member_id, org_id, segment, 1 AS is_known
FROM kpi_core.member
WHERE edition = {edition:UInt64} AND NOT inferred;
