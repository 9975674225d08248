-- kpi_core.redeemed_lot as one edition has it, without the rows that count nowhere: parts of members whom the dimension has come to
-- know. Months before that keep them until they are computed anew.
CREATE OR REPLACE VIEW kpi_core.redeemed_lot_counted AS
SELECT *
FROM kpi_core.redeemed_lot_in(edition = {edition:UInt64})
WHERE NOT is_part OR (program_id, member_id) NOT IN (SELECT program_id, member_id FROM kpi_core.known_member(edition = {edition:UInt64}));
