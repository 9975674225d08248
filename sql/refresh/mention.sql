-- The first and newest event that names each organisation in the months.
INSERT INTO kpi_core.mention (edition, month, program_id, org_id, first_event_on, last_event_at)
SELECT {edition:UInt64}, month, program_id, org_id, min(first_event_on), max(last_event_at)
FROM kpi_core.activity_in(edition = {edition:UInt64})
WHERE month IN {months:Array(Date32)}
GROUP BY month, program_id, org_id
SETTINGS max_partitions_per_insert_block = 0;
