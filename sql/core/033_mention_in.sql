-- kpi_core.mention as one edition has it.
CREATE OR REPLACE VIEW kpi_core.mention_in AS
SELECT * EXCEPT (edition)
FROM kpi_core.mention
WHERE (month, edition) IN
(
    SELECT month, part
    FROM kpi_core.edition_part
    WHERE edition = {edition:UInt64} AND table = 'mention'
);
