-- What is out of the ordinary in the month, of the portfolio and of programmes: the portfolio first, the worst first.
SELECT
    program_id, rule, metric, severity,
    toString(e.observed) AS observed,
    toString(e.expected) AS expected,
    sentence
FROM kpi.exceptions AS e
WHERE month = {month:Date32} AND scope IN ('portfolio', 'program')
ORDER BY scope, indexOf(['critical', 'warning', 'info'], severity), program_id, rule, metric;
