-- The six indicators of the portfolio.
CREATE OR REPLACE VIEW kpi.portfolio_lens
(
    month     Date32 COMMENT 'First day of the month, in the reporting zone',
    indicator LowCardinality(String) COMMENT 'growth, conversion, liability, engagement, stability or activation',
    value     Nullable(Decimal(38, 12)) COMMENT 'growth: total_users; conversion: redeemed / awarded of three months; liability: unspent_dollars; engagement: active_users; stability: share of stable trends; activation: program_activation_rate',
    beside    Nullable(Decimal(38, 12)) COMMENT 'growth: total_organisations; engagement: sessions_per_active_user; else NULL',
    mom_abs   Nullable(Decimal(38, 12)) COMMENT 'Month on month: value less that of the month before',
    mom_pct   Nullable(Decimal(38, 12)) COMMENT 'Month on month, relative',
    yoy_abs   Nullable(Decimal(38, 12)) COMMENT 'Year on year: value less that of twelve months before',
    yoy_pct   Nullable(Decimal(38, 12)) COMMENT 'Year on year, relative',
    status    LowCardinality(Nullable(String)) COMMENT 'good, watch or act; NULL where a figure that the rule needs is missing',
    worst     Array(String) COMMENT 'Up to three programmes, the worst first'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
SELECT month, indicator, value, beside, mom_abs, mom_pct, yoy_abs, yoy_pct, status, worst
FROM kpi_core.lens_now
COMMENT 'The portfolio by six indicators: KPI.md section 6';
