-- How many figures of programmes are not what the facts give.
SELECT
    toString(count()) AS figure,
    figure AS beyond,
    if(count() = 0,
        'every programme''s dollars are what the facts give, to the cent',
        concat('figures that are not what the facts give: ', figure, ', such as ',
            argMin(concat(metric, ' of ', program_id, ' in ', formatDateTime(month, '%Y-%m'), ': ', ifNull(toString(kpi), 'none'), ' instead of ', toString(facts)), (month, program_id, metric)),
            '; partnerplus run computes again what a load left undone')) AS message
FROM kpi.unreconciled
WHERE {month:Nullable(Date32)} IS NULL OR month = {month:Nullable(Date32)};
