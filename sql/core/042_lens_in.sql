-- kpi_core.lens as one edition has it.
CREATE OR REPLACE VIEW kpi_core.lens_in AS
SELECT * EXCEPT (edition)
FROM kpi_core.lens
WHERE (month, edition) IN
(
    SELECT month, part
    FROM kpi_core.edition_part
    WHERE edition = {edition:UInt64} AND table = 'lens'
);
