-- The first month of members that the dimension knew and does not know any more: their organisations' parts have to be
-- computed from there.
SELECT count() AS changes, makeDate32(toYear(min(first_event_on)), toMonth(min(first_event_on)), 1) AS since
FROM kpi_core.member_month_in(edition = {base:UInt64})
WHERE month = {newest:Date32} AND NOT is_part
    AND (program_id, member_id) IN (SELECT program_id, member_id FROM kpi_core.known_member(edition = {base:UInt64}))
    AND (program_id, member_id) NOT IN (SELECT program_id, member_id FROM kpi_core.known_member(edition = {edition:UInt64}));
