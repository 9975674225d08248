-- What an action may be about: programmes that have figures, and topics of findings; and which day it is where figures are reported.
SELECT kind, name
FROM
(
    SELECT DISTINCT 'program' AS kind, program_id AS name
    FROM kpi.metric_monthly
    WHERE scope = 'program' AND metric = 'unspent_dollars'
    UNION ALL
    SELECT 'topic' AS kind, topic AS name
    FROM kpi_core.intervention
    UNION ALL
    SELECT 'today' AS kind, toString(toDate32(toTimeZone(now64(6, 'UTC'), (SELECT timezone FROM kpi_core.settings)))) AS name
)
ORDER BY kind, name;
