-- kpi_core.entry as one edition has it.
CREATE OR REPLACE VIEW kpi_core.entry_in AS
SELECT * EXCEPT (edition)
FROM kpi_core.entry
WHERE (month, edition) IN
(
    SELECT month, part
    FROM kpi_core.edition_part
    WHERE edition = {edition:UInt64} AND table = 'entry'
);
