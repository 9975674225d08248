-- What the rules of exceptions and the lens ask of a metric beside its figures, so that they read it where the figures are.
ALTER TABLE kpi_core.metric_month
    ADD COLUMN IF NOT EXISTS exact_previous Nullable(Decimal(76, 20)) COMMENT 'Value of the month before with 20 places, for thresholds' AFTER exact_mom_pct,
    ADD COLUMN IF NOT EXISTS form LowCardinality(String) COMMENT 'count, money or ratio' AFTER exact_previous,
    ADD COLUMN IF NOT EXISTS is_headline UInt8 COMMENT '1 for a headline metric' AFTER form;
