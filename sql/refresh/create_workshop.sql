-- Where months of member_month are computed before they are swapped in.
CREATE TABLE IF NOT EXISTS etl.{workshop:Identifier} AS kpi_core.member_month
COMMENT 'Workshop of one run; dropped at its end';
