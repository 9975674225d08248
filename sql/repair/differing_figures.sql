-- Figures that readers see and that SQL of its own does not get from the facts.
INSERT INTO etl.differing_rows (check_id, table, month, key, found, expected, among)
SELECT
    {id:String},
    'kpi.metric_monthly',
    month,
    arrayStringConcat(arrayFilter(text -> text != '',
    [
        concat('scope ', scope),
        if(program_id = '', '', concat('program_id ', program_id)),
        if(org_id = '', '', concat('org_id ', org_id)),
        if(segment = '', '', concat('segment ', segment)),
        if(population = '', '', concat('population ', population)),
        concat('metric ', metric)
    ]), ', '),
    if(kpi IS NULL, map(), map('value', toString(assumeNotNull(kpi)))),
    map('value', toString(facts)),
    count() OVER (PARTITION BY month)
FROM kpi.unreconciled
WHERE {month:Nullable(Date32)} IS NULL OR month = {month:Nullable(Date32)}
ORDER BY month, scope, program_id, org_id, segment, metric
LIMIT 100 BY month;
