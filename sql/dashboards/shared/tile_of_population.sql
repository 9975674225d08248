-- One metric of a distribution over thirteen months up to the chosen one, with its movements in words.
SELECT
    month,
    value AS {population:Identifier}_{metric:Identifier},
    mom,
    yoy
FROM kpi.movements
WHERE {scope:Condition}
    AND population = '{population:Identifier}' AND metric = '{metric:Identifier}'
    AND month BETWEEN addMonths(toDate32OrNull(${month:singlequote}), -12) AND toDate32OrNull(${month:singlequote})
ORDER BY month
