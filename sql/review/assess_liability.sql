-- Liability that grew in a month without redemptions: the portfolio, and programmes, whose unspent dollars rose while redemptions did
-- not. severity is that of the exception rising_unspent; empty where the rise is under its thresholds.
SELECT
    u.scope AS scope, u.program_id AS program_id,
    ifNull(e.severity, '') AS severity,
    ifNull(toString(u.value), '')    AS unspent,
    ifNull(toString(u.previous), '') AS unspent_before,
    ifNull(toString(u.mom_abs), '')  AS grew_by,
    ifNull(toString(u.mom_pct), '')  AS grew_by_share,
    ifNull(toString(r.value), '')    AS redeemed,
    ifNull(toString(r.previous), '') AS redeemed_before,
    ifNull(toString(r.mom_abs), '')  AS redeemed_more
FROM kpi.metric_monthly AS u
INNER JOIN kpi.metric_monthly AS r ON u.month = r.month AND u.scope = r.scope AND u.program_id = r.program_id
LEFT JOIN
(
    SELECT scope, program_id, severity
    FROM kpi.exceptions
    WHERE month = {month:Date32} AND rule = 'rising_unspent'
) AS e ON u.scope = e.scope AND u.program_id = e.program_id
WHERE u.month = {month:Date32} AND u.scope IN ('portfolio', 'program') AND u.metric = 'unspent_dollars' AND r.metric = 'dollars_redeemed'
    AND u.mom_abs > 0 AND r.mom_abs <= 0
ORDER BY severity = '', u.scope, u.mom_abs DESC, program_id;
