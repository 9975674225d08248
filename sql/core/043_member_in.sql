-- kpi_core.member as one edition has it: every edition has all members.
CREATE OR REPLACE VIEW kpi_core.member_in AS
SELECT * EXCEPT (edition)
FROM kpi_core.member
WHERE edition = {edition:UInt64};
