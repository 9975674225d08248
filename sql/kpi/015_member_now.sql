-- Members in force as readers see them now, one row each: an inferred member with the first of its organisations.
CREATE OR REPLACE VIEW kpi_core.member_now AS
SELECT program_id, member_id, min(m.org_id) AS org_id, any(m.segment) AS segment, any(m.inferred) AS inferred
FROM kpi_core.member AS m
WHERE edition = (SELECT edition FROM kpi_core.current_edition)
GROUP BY program_id, member_id;
