-- Where months of member_month are computed before they are swapped in.
CREATE TABLE IF NOT EXISTS kpi_core.member_month_next AS kpi_core.member_month
COMMENT 'Workshop of member_month';
