-- kpi_core.redeemed_lot as one edition has it.
CREATE OR REPLACE VIEW kpi_core.redeemed_lot_in AS
SELECT * EXCEPT (edition)
FROM kpi_core.redeemed_lot
WHERE (month, edition) IN
(
    SELECT month, part
    FROM kpi_core.edition_part
    WHERE edition = {edition:UInt64} AND table = 'redeemed_lot'
);
