-- What the checks of KPI.md section 7 are measured against. Each check has a figure; above these it warns or fails. A
-- billion stands for never.
CREATE OR REPLACE VIEW kpi_core.check_threshold_default AS
SELECT *
FROM VALUES(
    'rule String, threshold String, value Decimal(38, 12), meaning String',
    ('conservation',     'warn_above',  '0',          'warns above this many units whose rows or amounts do not add up'),
    ('conservation',     'fail_above',  '0',          'fails above this many'),

    ('reconciliation',   'warn_above',  '0',          'warns above this many figures that differ from the facts'),
    ('reconciliation',   'fail_above',  '0',          'fails above this many'),

    ('freshness',        'warn_above',  '0',          'warns above this many sources that are late, or never delivered'),
    ('freshness',        'fail_above',  '0',          'fails above this many'),

    ('completeness',     'warn_above',  '0',          'warns above this many missing days'),
    ('completeness',     'fail_above',  '1000000000', 'fails above this many'),
    ('completeness',     'usual_share', '0.80',       'a weekday is usual for a source that has events on this share of them, or more'),
    ('completeness',     'usual_after', '4',          'once this many of them have passed'),

    ('duplicates',       'warn_above',  '0',          'warns above this many versions of a key that were delivered with different content'),
    ('duplicates',       'fail_above',  '0',          'fails above this many'),

    ('orphans',          'warn_above',  '0',          'warns above this many events of an unknown programme or organisation'),
    ('orphans',          'fail_above',  '1000000000', 'fails above this many'),

    ('negative_balance', 'warn_above',  '0',          'warns above this many balances below zero at a month''s end'),
    ('negative_balance', 'fail_above',  '1000000000', 'fails above this many'),

    ('future_dated',     'warn_above',  '0',          'warns above this many events that are later than their load'),
    ('future_dated',     'fail_above',  '0',          'fails above this many'),

    ('rejects',          'warn_above',  '0',          'warns above this many sources beyond their own limit of rejected rows'),
    ('rejects',          'fail_above',  '0',          'fails above this many'),

    ('restatement',      'warn_above',  '0',          'warns above this many figures that changed since their month was closed'),
    ('restatement',      'fail_above',  '1000000000', 'fails above this many')
)
COMMENT 'Thresholds of the checks by default: KPI.md section 7';
