-- kpi_core.metric_month as one edition has it.
CREATE OR REPLACE VIEW kpi_core.metric_month_in AS
SELECT * EXCEPT (edition)
FROM kpi_core.metric_month
WHERE (month, edition) IN
(
    SELECT month, part
    FROM kpi_core.edition_part
    WHERE edition = {edition:UInt64} AND table = 'metric_month'
);
