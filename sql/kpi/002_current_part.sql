-- What the edition that this query sees consists of.
CREATE OR REPLACE VIEW kpi_core.current_part AS
SELECT table, month, part
FROM kpi_core.edition_part
WHERE edition = (SELECT edition FROM kpi_core.current_edition);
