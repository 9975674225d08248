-- How the settings in force compare with those of the metrics file. A set of thresholds that no touch has followed was
-- left by a run that ended in between: the figures may still be those of the old ones.
WITH
    JSONExtract({metrics:String}, 'Map(String, Tuple(owner String, baseline Nullable(Decimal(38, 12)), target Nullable(Decimal(38, 12)), warn Nullable(Decimal(38, 12)), critical Nullable(Decimal(38, 12))))') AS metrics,
    JSONExtract({thresholds:String}, 'Map(String, Decimal(38, 12))') AS thresholds,
    JSONExtract({interventions:String}, 'Map(String, Array(String))') AS interventions,
    (SELECT argMax(settings, changed_at) FROM kpi_core.metric_setting) AS metrics_in_force,
    (SELECT argMax(settings, changed_at) FROM kpi_core.intervention_setting) AS interventions_in_force,
    (SELECT (argMax(settings, changed_at), max(changed_at)) FROM kpi_core.threshold_setting) AS thresholds_in_force,
    (SELECT max(touched_at) FROM etl.touched_months WHERE source = '' AND unit = 'figures') AS touched_at
SELECT
    toBool(toString(metrics_in_force) != toString(metrics))             AS metrics_differ,
    toBool(toString(interventions_in_force) != toString(interventions)) AS interventions_differ,
    toBool(toString(thresholds_in_force.1) != toString(thresholds))     AS thresholds_differ,
    toBool(ifNull(thresholds_in_force.2 > touched_at, 0))               AS is_untouched;
