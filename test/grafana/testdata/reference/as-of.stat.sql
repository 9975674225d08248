-- The stat without a title on top of each dashboard.
SELECT
    concat(substring(toString(newest_event), 1, 16), ' UTC') AS data_as_of,
    concat(substring(toString(refreshed_at), 1, 16), ' UTC') AS computed_at,
    concat(substring(toString({month:Date32}), 1, 7), ', ', (SELECT state FROM kpi.months WHERE month = {month:Date32})) AS shown,
    if((SELECT max(month) FROM kpi.months) > (SELECT max(month) FROM kpi.months WHERE is_newest), substring(toString((SELECT max(month) FROM kpi.months)), 1, 7), 'none') AS open_months
FROM kpi.as_of
