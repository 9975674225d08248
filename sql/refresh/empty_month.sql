-- A month that has no event any more.
ALTER TABLE kpi_core.member_month DROP PARTITION {month:UInt32};
