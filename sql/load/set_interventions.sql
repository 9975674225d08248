-- The whole set of the metrics file, in the place of the one before.
INSERT INTO kpi_core.intervention_setting
SELECT
    now64(6) AS changed_at,
    JSONExtract({interventions:String}, 'Map(String, Array(String))') AS settings;
