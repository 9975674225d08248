-- How many versions of a key were delivered with different content. Those of dimensions have no month: they count for each. Which member it is, only the rows say.
SELECT
    toString(count()) AS figure,
    figure AS beyond,
    if(count() = 0,
        'no version of a key was delivered with different content',
        concat('versions of a key that were delivered with different content: ', figure, ', such as version ',
            argMin(concat(toString(version), ' of ', entity, if(entity = 'members', '', concat(' ', arrayStringConcat(key, ' ')))), (entity, key, version)))) AS message
FROM kpi.duplicates
WHERE {month:Nullable(Date32)} IS NULL OR has(months, assumeNotNull({month:Nullable(Date32)})) OR empty(months);
