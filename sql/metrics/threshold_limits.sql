-- The thresholds in force as one map, rule.threshold to value: a statement that needs many of them reads it once, however
-- many views ask for it in the same words.
CREATE OR REPLACE VIEW kpi_core.limits AS
SELECT mapFromArrays(groupArray(concat(t.rule, '.', t.threshold)), groupArray(t.value)) AS limits
FROM kpi_core.threshold AS t;
