-- What is out of the ordinary in the chosen month, the gravest and widest first.
SELECT
    month, severity, sentence, scope, program_id, org_id, segment, rule, metric, observed, expected
FROM kpi.exceptions
WHERE {scope:Condition} AND month = toDate32OrNull(${month:singlequote})
ORDER BY
    indexOf(['critical', 'warning', 'info'], severity),
    indexOf(['portfolio', 'program', 'organisation', 'segment'], scope),
    program_id, org_id, segment, rule, metric
LIMIT 300
