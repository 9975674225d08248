-- kpi_core.metric_month as readers see it now.
CREATE OR REPLACE VIEW kpi_core.metric_now AS
SELECT * EXCEPT (edition)
FROM kpi_core.metric_month
WHERE (month, edition) IN (SELECT month, part FROM kpi_core.current_part WHERE table = 'metric_month');
