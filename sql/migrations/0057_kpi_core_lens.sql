-- The six indicators of the portfolio in each month. KPI.md section 6.
CREATE TABLE IF NOT EXISTS kpi_core.lens
(
    edition   UInt64 COMMENT 'Edition that computed the row',
    month     Date32 COMMENT 'First day of the month, in the reporting zone',
    indicator LowCardinality(String) COMMENT 'growth, conversion, liability, engagement, stability or activation',
    value     Nullable(Decimal(38, 12)) COMMENT 'The indicator''s figure; NULL for a ratio without a denominator',
    beside    Nullable(Decimal(38, 12)) COMMENT 'Of growth: total_organisations; of engagement: sessions_per_active_user',
    mom_abs   Nullable(Decimal(38, 12)) COMMENT 'Value less that of the month before',
    mom_pct   Nullable(Decimal(38, 12)) COMMENT 'mom_abs / |value of the month before|',
    yoy_abs   Nullable(Decimal(38, 12)) COMMENT 'Value less that of twelve months before',
    yoy_pct   Nullable(Decimal(38, 12)) COMMENT 'yoy_abs / |value of twelve months before|',
    status    LowCardinality(Nullable(String)) COMMENT 'good, watch or act; NULL where a figure that the rule needs is',
    worst     Array(String) COMMENT 'Up to three programmes, the worst first'
)
ENGINE = MergeTree
PARTITION BY edition
ORDER BY (month, indicator)
COMMENT 'The portfolio''s six indicators in each month';
