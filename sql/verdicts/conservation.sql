-- How many units do not add up. Units have no month: they count for each.
SELECT
    toString(uniqExact(source, unit, version)) AS figure,
    figure AS beyond,
    if(count() = 0,
        'every row and every amount of every unit is accounted for',
        concat('units that do not add up: ', figure, ', such as ', argMin(concat(source, ', ', unit, ': ', problems[1]), (source, unit, version, mapping)))) AS message
FROM kpi.unconserved_units;
