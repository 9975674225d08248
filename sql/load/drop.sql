DROP TABLE IF EXISTS etl.{stage:Identifier} SYNC;
