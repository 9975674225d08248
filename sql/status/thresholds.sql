-- The thresholds in force, rule by rule.
SELECT rule, threshold, toString(value) AS value, toString(default_value) AS default_value, meaning
FROM kpi.thresholds
ORDER BY rule, threshold;
