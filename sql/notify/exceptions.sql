-- The exceptions of a month that a manager should know, the most severe and widest first, and how many there are in all.
SELECT severity, sentence, count() OVER () AS total
FROM kpi.exceptions
WHERE month = {month:Date32} AND severity IN ('critical', 'warning')
ORDER BY
    indexOf(['critical', 'warning'], severity), indexOf(['portfolio', 'program', 'organisation', 'segment'], scope),
    program_id, org_id, segment, rule, metric
LIMIT {limit:UInt32};
