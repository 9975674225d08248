-- Shifts in how a month's dollars were redeemed, of the portfolio and of programmes: the exceptions of rule redemption_shift.
SELECT
    e.scope AS scope, e.program_id AS program_id,
    e.variant AS shift,
    toString(e.observed) AS redeemed,
    toString(e.expected) AS previous,
    ifNull(toString(m.mom_abs), '') AS mom_abs,
    ifNull(toString(m.mom_pct), '') AS mom_pct,
    e.sentence AS sentence
FROM kpi.exceptions AS e
INNER JOIN kpi.metric_monthly AS m ON e.month = m.month AND e.scope = m.scope AND e.program_id = m.program_id AND e.metric = m.metric
WHERE e.month = {month:Date32} AND e.rule = 'redemption_shift' AND e.scope IN ('portfolio', 'program')
ORDER BY scope, program_id;
