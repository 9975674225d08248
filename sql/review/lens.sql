-- The six indicators of the portfolio in the month, in the order of KPI.md section 6. Decimals as text; empty for NULL.
SELECT
    indicator,
    ifNull(toString(l.value), '')   AS value,
    ifNull(toString(l.beside), '')  AS beside,
    ifNull(toString(l.mom_abs), '') AS mom_abs,
    ifNull(toString(l.mom_pct), '') AS mom_pct,
    ifNull(toString(l.yoy_abs), '') AS yoy_abs,
    ifNull(toString(l.yoy_pct), '') AS yoy_pct,
    ifNull(toString(l.status), '')  AS status,
    worst
FROM kpi.portfolio_lens AS l
WHERE month = {month:Date32}
ORDER BY indexOf(['growth', 'conversion', 'liability', 'engagement', 'stability', 'activation'], indicator);
