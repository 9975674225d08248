-- kpi_core.member_month as readers see it now.
CREATE OR REPLACE VIEW kpi_core.member_month_now AS
SELECT * EXCEPT (edition)
FROM kpi_core.member_month
WHERE (month, edition) IN (SELECT month, part FROM kpi_core.current_part WHERE table = 'member_month');
