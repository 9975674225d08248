-- The exceptions of a month, the gravest and widest first, so many of each severity, with how many there are of it.
SELECT
    toString(severity)                                      AS severity,
    toString(rule)                                          AS rule,
    toString(scope)                                         AS scope,
    sentence,
    count() OVER (PARTITION BY severity)                    AS of_severity
FROM kpi.exceptions
WHERE month = {month:Date32}
ORDER BY
    indexOf(['critical', 'warning', 'info'], severity),
    indexOf(['portfolio', 'program', 'organisation', 'segment'], scope),
    program_id, org_id, segment, rule, metric
LIMIT {limit:UInt32} BY severity;
