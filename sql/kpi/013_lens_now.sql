-- kpi_core.lens as readers see it now.
CREATE OR REPLACE VIEW kpi_core.lens_now AS
SELECT * EXCEPT (edition)
FROM kpi_core.lens
WHERE (month, edition) IN (SELECT month, part FROM kpi_core.current_part WHERE table = 'lens');
