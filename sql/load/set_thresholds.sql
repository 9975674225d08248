-- The whole set of the metrics file, in the place of the one before.
INSERT INTO kpi_core.threshold_setting
SELECT
    now64(6) AS changed_at,
    JSONExtract({thresholds:String}, 'Map(String, Decimal(38, 12))') AS settings;
