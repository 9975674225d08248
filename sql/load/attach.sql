-- All rows of the load become visible at once.
ALTER TABLE warehouse.{facts:Identifier} ATTACH PARTITION ALL FROM etl.{stage:Identifier};
