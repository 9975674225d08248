-- How many figures of closed months have changed since.
SELECT
    toString(count()) AS figure,
    figure AS beyond,
    if(count() = 0,
        'no figure of a closed month has changed since',
        concat('figures of closed months that changed since: ', figure, ', such as ',
            argMin(concat(metric, if(population = '', '', concat(' (', population, ')')), ' of ', if(scope = 'portfolio', 'the portfolio', program_id), ' in ', formatDateTime(month, '%Y-%m'), ': ',
                ifNull(toString(now), 'none'), ' instead of ', ifNull(toString(closed), 'none')), (month, scope, program_id, metric, population)))) AS message
FROM kpi.restatements
WHERE {month:Nullable(Date32)} IS NULL OR month = {month:Nullable(Date32)};
