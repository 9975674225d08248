-- What an edition takes of some tables: the months that it computes, and the other months of the edition before.
INSERT INTO kpi_core.edition_part (edition, table, month, part)
SELECT {edition:UInt64}, name, month, {edition:UInt64}
FROM (SELECT arrayJoin({tables:Array(String)}) AS name, arrayJoin({months:Array(Date32)}) AS month)
UNION ALL
SELECT {edition:UInt64}, table, month, part
FROM kpi_core.edition_part
WHERE edition = {base:UInt64} AND table IN {tables:Array(String)} AND month NOT IN {months:Array(Date32)} AND month <= {newest:Date32};
