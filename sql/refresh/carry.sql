-- The distribution of months whose members did not change, as a part of this edition: its metrics are written anew.
INSERT INTO kpi_core.distribution_month
SELECT {edition:UInt64} AS edition, *
FROM kpi_core.distribution_month_in(edition = {base:UInt64})
WHERE month IN {months:Array(Date32)}
SETTINGS max_partitions_per_insert_block = 0;
