-- kpi_core.organisation as one edition has it: every edition has all organisations.
CREATE OR REPLACE VIEW kpi_core.organisation_in AS
SELECT * EXCEPT (edition)
FROM kpi_core.organisation
WHERE edition = {edition:UInt64};
