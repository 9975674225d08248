-- By which share the liability rose in the newest complete month, where that is a matter by the thresholds of rising_unspent: by that
-- share and that amount, whether redemptions rose or not. Else 0.
WITH
    (SELECT anyIf(value, threshold = 'min_pct') FROM kpi.thresholds WHERE rule = 'rising_unspent') AS min_pct,
    (SELECT anyIf(value, threshold = 'min_amount') FROM kpi.thresholds WHERE rule = 'rising_unspent') AS min_amount
SELECT
    if(program_id = '', 'the portfolio', concat('programme ', program_id)) AS whose,
    toFloat64(ifNull(if(mom_pct >= min_pct AND mom_abs >= min_amount, mom_pct, 0), 0)) AS rose_by
FROM kpi.metric_monthly
WHERE scope IN ('portfolio', 'program') AND metric = 'unspent_dollars' AND month = (SELECT month FROM kpi.months WHERE is_newest)
ORDER BY whose
