-- Where the rows of one load wait, invisible, until all of them are in: on one server, whatever holds the facts. Its comment names
-- the process that loads them.
CREATE TABLE IF NOT EXISTS etl.{stage:Identifier} AS warehouse.{facts:Identifier}
ENGINE = MergeTree
ORDER BY tuple()
COMMENT 'Stage of one load; dropped once its rows are in the facts. Owner: {owner:Identifier}';
