-- kpi_core.exception as readers see it now.
CREATE OR REPLACE VIEW kpi_core.exception_now AS
SELECT * EXCEPT (edition)
FROM kpi_core.exception
WHERE (month, edition) IN (SELECT month, part FROM kpi_core.current_part WHERE table = 'exception');
