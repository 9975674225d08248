-- Which segments take long to redeem, or do not?
-- The last twelve months: days from award to redemption (the median dollar) and the share that redeems within 90 days.
SELECT
    f.program_id AS program_id,
    f.segment AS segment,
    max(f.month) AS newest_month,
    round(avg(f.days_to_redeem_p50), 1) AS days_to_redeem,
    round(avg(e.conversion_90d), 4) AS redeemed_within_90_days,
    argMax(f.unspent_dollars, f.month) AS unspent_dollars
FROM kpi.segment_financial_monthly AS f
INNER JOIN kpi.segment_engagement_monthly AS e ON f.program_id = e.program_id AND f.segment = e.segment AND f.month = e.month
WHERE f.month > addMonths((SELECT month FROM kpi.months WHERE is_newest), -12)
GROUP BY program_id, segment
ORDER BY redeemed_within_90_days NULLS LAST, program_id, segment;
