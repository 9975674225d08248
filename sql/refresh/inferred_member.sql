-- Members that only events mention: they join on the day of their first event, in each organisation that the events name.
INSERT INTO kpi_core.member (edition, program_id, member_id, org_id, segment, joined_on, left_on, inferred)
SELECT {edition:UInt64}, program_id, member_id, org_id, '', first_event_on, NULL, 1
FROM kpi_core.member_month_in(edition = {edition:UInt64})
WHERE month = {newest:Date32} AND is_part AND member_id != ''
    AND (program_id, member_id) NOT IN (SELECT program_id, member_id FROM kpi_core.known_member(edition = {edition:UInt64}));
