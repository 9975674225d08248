-- One month as computed, in place of the one before.
ALTER TABLE kpi_core.member_month REPLACE PARTITION {month:UInt32} FROM etl.{workshop:Identifier};
