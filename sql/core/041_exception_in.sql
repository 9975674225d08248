-- kpi_core.exception as one edition has it.
CREATE OR REPLACE VIEW kpi_core.exception_in AS
SELECT * EXCEPT (edition)
FROM kpi_core.exception
WHERE (month, edition) IN
(
    SELECT month, part
    FROM kpi_core.edition_part
    WHERE edition = {edition:UInt64} AND table = 'exception'
);
