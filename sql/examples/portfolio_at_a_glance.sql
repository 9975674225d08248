-- How is the portfolio doing, by the six indicators?
-- The newest month against the month before, with the programmes to talk about.
SELECT
    l.indicator AS indicator,
    l.status AS status,
    l.value AS value,
    l.beside AS beside,
    l.mom_pct AS against_last_month,
    l.yoy_pct AS against_last_year,
    b.status AS status_before,
    l.worst AS worst_programmes
FROM kpi.portfolio_lens AS l
LEFT JOIN kpi.portfolio_lens AS b ON l.indicator = b.indicator AND b.month = addMonths(l.month, -1)
WHERE l.month = (SELECT month FROM kpi.months WHERE is_newest)
ORDER BY indicator;
