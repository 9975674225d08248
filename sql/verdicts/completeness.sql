-- How many days are missing.
SELECT
    toString(count()) AS figure,
    figure AS beyond,
    if(count() = 0,
        'no source lacks a day on which it usually has events',
        concat('days without events: ', figure, ' in ', toString(uniqExact(source)), ' sources, such as ', argMin(concat(weekday, ', ', toString(day), ' of ', source), (source, day)))) AS message
FROM kpi.missing_days
WHERE {month:Nullable(Date32)} IS NULL OR month = {month:Nullable(Date32)};
