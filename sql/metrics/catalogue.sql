-- The metric catalogue: one row a metric. `higher_is` says whether up is good, bad or neutral.
CREATE OR REPLACE VIEW kpi_core.metric_catalogue AS
SELECT *
FROM VALUES(
    'metric String, dimension String, population String, name String, unit String, higher_is String, definition String',
    ('total_users',         'financial',    '',        'Total users',          'members',       'good',    'Members with joined_on up to the month''s end who have not left by then'),
    ('total_organisations', 'financial',    '',        'Total organisations',  'organisations', 'good',    'Organisations with joined_on up to the month''s end that have not left by then'),
    ('dollars_awarded',     'financial',    '',        'Dollars awarded',      'money',         'good',    'Awards less reversals of the month, in the reporting currency'),
    ('dollars_redeemed',    'financial',    '',        'Dollars redeemed',     'money',         'good',    'Redemptions less refunds of the month, in the reporting currency'),
    ('unspent_dollars',     'financial',    '',        'Unspent dollars',      'money',         'bad',     'Awarded less redeemed less expired, of all time to the month''s end: the liability'),
    ('users_awarded',       'engagement',   '',        'Users awarded',        'members',       'good',    'Members with net awarded above 0 in the month'),
    ('users_redeeming',     'engagement',   '',        'Users redeeming',      'members',       'good',    'Members with net redeemed above 0 in the month'),
    ('activation_rate',     'engagement',   '',        'Activation rate',      'ratio',         'good',    'users_redeeming / users_awarded of the month; may exceed 1'),
    ('active_users',        'engagement',   '',        'Active users',         'members',       'good',    'Members with a session of their own in the month'),
    ('sessions',            'engagement',   '',        'Sessions',             'sessions',      'good',    'All sessions that start in the month, anonymous ones too'),
    ('users',               'distribution', 'awarded', 'Users',                'members',       'neutral', 'Members with net awarded above 0 in the month'),
    ('mean',                'distribution', 'awarded', 'Mean awarded',         'money',         'neutral', 'Average of the population'),
    ('p50',                 'distribution', 'awarded', 'Median awarded',       'money',         'neutral', 'Linear between closest ranks, h = (n - 1) p'),
    ('p90',                 'distribution', 'awarded', '90th percentile',      'money',         'neutral', 'Linear between closest ranks, h = (n - 1) p'),
    ('gini',                'distribution', 'awarded', 'Gini coefficient',     'ratio',         'bad',     '2 sum(i x_i) / (n sum(x)) - (n + 1) / n over x ascending'),
    ('top10_share',         'distribution', 'awarded', 'Share of the top 10 %', 'ratio',        'bad',     'Part of the total that the largest tenth of the members has (rounded up)'));
