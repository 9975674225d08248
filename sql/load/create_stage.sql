-- Where the rows of one load wait, invisible, until all of them are in. Its comment names the process that loads them, so that
-- what a dead one leaves behind is known.
CREATE TABLE IF NOT EXISTS etl.{stage:Identifier} AS warehouse.{facts:Identifier}
COMMENT 'Stage of one load; dropped once its rows are in the facts. Owner: {owner:Identifier}';
