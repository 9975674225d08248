-- One metric over thirteen months up to the chosen one, with its movements in words.
SELECT
    month,
    value AS {metric:Identifier},
    mom,
    yoy
FROM {database:Identifier}.movements
WHERE {scope:Condition}
    AND population = '' AND metric = '{metric:Identifier}'
    AND month BETWEEN addMonths(toDate32OrNull(${month:singlequote}), -12) AND toDate32OrNull(${month:singlequote})
ORDER BY month
