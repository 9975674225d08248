-- How many exceptions there are in the chosen month, of each severity.
SELECT
    countIf(severity = 'critical') AS critical,
    countIf(severity = 'warning') AS warning,
    countIf(severity = 'info') AS info
FROM kpi.exceptions
WHERE {scope:Condition} AND month = toDate32OrNull(${month:singlequote})
