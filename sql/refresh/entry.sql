-- Ledger entries in force of the months.
INSERT INTO kpi_core.entry (edition, month, program_id, member_id, org_id, event_id, kind, at, day, amount_reporting)
SELECT {edition:UInt64}, month, program_id, member_id, org_id, event_id, kind, at, day, amount_reporting
FROM kpi_core.entry_in_force(since = {since:DateTime64(6, 'UTC')}, until = {until:DateTime64(6, 'UTC')})
WHERE month IN {months:Array(Date32)}
SETTINGS max_partitions_per_insert_block = 0;
