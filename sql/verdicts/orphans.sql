-- How many events belong to a programme or an organisation that nobody knows.
SELECT
    toString(count()) AS figure,
    figure AS beyond,
    if(count() = 0,
        'every event belongs to a known programme and organisation',
        concat('events of something unknown: ', figure, ' (',
            toString(uniqExactIf(program_id, has(unknown, 'program'))), ' programmes, ',
            toString(uniqExactIf(program_id, org_id, has(unknown, 'organisation'))), ' organisations), such as ',
            argMin(if(has(unknown, 'program'), concat('programme ', program_id), concat('organisation ', org_id, ' of ', program_id)), (month, entity, program_id, event_id)))) AS message
FROM kpi.orphans
WHERE {month:Nullable(Date32)} IS NULL OR month = {month:Nullable(Date32)};
