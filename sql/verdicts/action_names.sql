-- What an action may be about: programmes that have figures, and topics of findings.
SELECT DISTINCT 'program' AS kind, program_id AS name
FROM kpi.metric_monthly
WHERE scope = 'program' AND metric = 'unspent_dollars'
UNION ALL
SELECT 'topic' AS kind, topic AS name
FROM kpi_core.intervention
ORDER BY kind, name;
