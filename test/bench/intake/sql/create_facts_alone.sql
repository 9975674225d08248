-- Where ClickHouse alone loads the awards into a table as the facts are.
CREATE TABLE bench.facts AS warehouse.awards
