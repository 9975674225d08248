-- The metric catalogue in force, as people read it: dimension by dimension, the headline metrics first.
SELECT
    metric, population, dimension, name, layer, unit, form, higher_is, toBool(headline) AS is_headline, owner,
    toString(baseline) AS baseline, toString(target) AS target, toString(warn) AS warn, toString(critical) AS critical,
    cadence, section, definition
FROM kpi.metrics
ORDER BY indexOf(['financial', 'engagement', 'distribution'], dimension), population, headline DESC, naturalSortKey(metric);
