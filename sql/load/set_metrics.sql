-- The whole set of the metrics file, in the place of the one before.
INSERT INTO kpi_core.metric_setting
SELECT
    now64(6) AS changed_at,
    JSONExtract({metrics:String}, 'Map(String, Tuple(owner String, baseline Nullable(Decimal(38, 12)), target Nullable(Decimal(38, 12)), warn Nullable(Decimal(38, 12)), critical Nullable(Decimal(38, 12))))') AS settings;
