-- The whole set of the config, in the place of the one before.
INSERT INTO kpi_core.manager_setting
SELECT
    now64(6) AS changed_at,
    JSONExtract({managers:String}, 'Map(String, Array(String))') AS settings;
