-- kpi_core.scope_flow as one edition has it.
CREATE OR REPLACE VIEW kpi_core.scope_flow_in AS
SELECT * EXCEPT (edition)
FROM kpi_core.scope_flow
WHERE (month, edition) IN
(
    SELECT month, part
    FROM kpi_core.edition_part
    WHERE edition = {edition:UInt64} AND table = 'scope_flow'
);
