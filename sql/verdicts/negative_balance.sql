-- How many balances are below zero at a month's end. Whose they are, only the rows say: messages go to pages and receivers.
SELECT
    toString(count()) AS figure,
    figure AS beyond,
    if(count() = 0,
        'no member''s balance is below zero at a month''s end',
        concat('balances below zero at a month''s end: ', figure, ' of ', toString(uniqExact(program_id, member_id)), ' members')) AS message
FROM kpi.negative_balances
WHERE {month:Nullable(Date32)} IS NULL OR month = {month:Nullable(Date32)};
