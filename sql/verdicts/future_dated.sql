-- How many events are later than their load.
SELECT
    toString(count()) AS figure,
    figure AS beyond,
    if(count() = 0,
        'no event is later than its load',
        concat('events later than their load: ', figure, ', the latest ',
            argMax(concat(entity, ' ', event_id, ' of ', program_id, ' at ', formatDateTime(happened_at, '%Y-%m-%d %H:%i', 'UTC'), ' UTC (', source, ', ', unit, ', row ', toString(source_row), ')'), (happened_at, entity, event_id)))) AS message
FROM kpi.future_dated
WHERE {month:Nullable(Date32)} IS NULL OR month = {month:Nullable(Date32)};
