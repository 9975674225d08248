-- The thresholds of exceptions and their opposites, trends and the portfolio lens as they are unless the metrics file changes them.
-- KPI.md sections 4 to 6. Decimals are quoted: a plain 0.3 would be read as a float.
CREATE OR REPLACE VIEW kpi_core.threshold_default AS
SELECT *
FROM VALUES(
    'rule String, threshold String, value Decimal(38, 12), meaning String',
    ('rising_unspent',       'min_pct',           '0.10',  'unspent_dollars up by this share of the month before, or more'),
    ('rising_unspent',       'min_amount',        '100',   'and by this amount, or more'),
    ('rising_unspent',       'critical_months',   '3',     'critical once it has fired in this many months running'),

    ('low_conversion',       'min_rate',          '0.30',  'activation_rate below this'),
    ('low_conversion',       'max_drop',          '0.10',  'or down by this against the month before, or more (0.10: ten points)'),

    ('declining_engagement', 'min_drop_pct',      '0.15',  'active_users or sessions down by this share of the month before, or more'),
    ('declining_engagement', 'min_drop_users',    '5',     'and by this many, or more'),
    ('declining_engagement', 'critical_months',   '3',     'critical once it has fired in this many months running'),

    ('uneven_distribution',  'min_gini',          '0.60',  'gini of the dollars awarded of this or more'),
    ('uneven_distribution',  'min_top10_share',   '0.50',  'or top10_share of the dollars awarded of this or more'),
    ('uneven_distribution',  'min_population',    '10',    'where this many members were awarded, or more'),

    ('redemption_shift',     'min_pct',           '0.25',  'dollars_redeemed up (accelerating) or down (decelerating) by this share of the month before, or more'),
    ('redemption_shift',     'min_amount',        '100',   'and by this amount, or more'),
    ('redemption_shift',     'stagnation_pct',    '0.01',  'or moved by this share at the most (stagnating)'),
    ('redemption_shift',     'stagnation_months', '3',     'in this many months running'),

    ('material_movement',    'min_pct',           '0.20',  'a headline metric up or down by this share of the month before, or more'),
    ('material_movement',    'warning_pct',       '0.50',  'a warning from this share on, else for information'),
    ('material_movement',    'min_money',         '100',   'and by this amount or more, of metrics whose form is money'),
    ('material_movement',    'min_count',         '5',     'by this many or more, of counts'),
    ('material_movement',    'min_ratio',         '0.01',  'by this or more, of ratios'),

    ('anomaly',              'min_z',             '3.5',   'robust z-score of a headline metric of this or more: 0.6745 |value - median| / median absolute deviation'),
    ('anomaly',              'min_months',        '6',     'where this many of the twelve months before have a value, or more'),

    ('high_conversion',      'min_rate',          '0.70',  'an opportunity: activation_rate of this or more, or up by low_conversion.max_drop'),

    ('even_distribution',    'max_gini',          '0.30',  'an opportunity: gini of the dollars awarded up to this'),
    ('even_distribution',    'max_top10_share',   '0.20',  'and top10_share of them up to this, in a population of uneven_distribution.min_population'),

    ('trend',                'max_stable',        '0.10',  'stable up to this standard deviation of mom_pct over six months'),
    ('trend',                'max_watch',         '0.25',  'watch up to this one, else volatile'),

    ('growth',               'act_pct',           '-0.05', 'act where total_users or total_organisations moved by this share of the month before, or lower'),

    ('conversion',           'good',              '0.70',  'good from this share of the dollars awarded in three months that was redeemed in them'),
    ('conversion',           'watch',             '0.40',  'watch from this share on, else act'),

    ('engagement',           'good_pct',          '-0.05', 'good where active_users moved by this share of the month before, or higher'),
    ('engagement',           'watch_pct',         '-0.15', 'watch from this share on, else act'),

    ('stability',            'good',              '0.70',  'good from this share of stable trends among the programmes'' headline metrics'),
    ('stability',            'watch',             '0.40',  'watch from this share on, else act'),

    ('activation',           'good',              '0.50',  'good from this program_activation_rate on'),
    ('activation',           'watch',             '0.30',  'watch from this one on, else act')
)
COMMENT 'Thresholds by default: KPI.md sections 4 to 6';
