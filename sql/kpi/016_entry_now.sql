-- kpi_core.entry as readers see it now.
CREATE OR REPLACE VIEW kpi_core.entry_now AS
SELECT * EXCEPT (edition)
FROM kpi_core.entry
WHERE (month, edition) IN (SELECT month, part FROM kpi_core.current_part WHERE table = 'entry');
