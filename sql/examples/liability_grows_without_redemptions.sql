-- Which programmes' liability grows without redemptions?
-- The last twelve months of programmes whose unspent dollars rose while redemptions did not, the newest month and the
-- largest rise first. severity is that of the exception rising_unspent, empty where the rise is under its thresholds.
SELECT
    f.program_id AS program_id,
    f.month AS month,
    f.unspent_dollars AS unspent_dollars,
    f.unspent_dollars_mom_abs AS grew_by,
    f.unspent_dollars_mom_pct AS grew_by_share,
    f.dollars_redeemed AS dollars_redeemed,
    f.dollars_redeemed_mom_abs AS redeemed_more,
    e.severity AS severity
FROM kpi.program_financial_monthly AS f
LEFT JOIN
(
    SELECT program_id, month, severity
    FROM kpi.exceptions
    WHERE scope = 'program' AND rule = 'rising_unspent'
) AS e ON f.program_id = e.program_id AND f.month = e.month
WHERE f.month > addMonths((SELECT month FROM kpi.months WHERE is_newest), -12)
    AND f.unspent_dollars_mom_abs > 0
    AND f.dollars_redeemed_mom_abs <= 0
ORDER BY month DESC, grew_by DESC, program_id;
