-- The six indicators in the chosen month, with the programmes to talk about, the worst first. shown is the value as people
-- read it, since the indicators have different units.
SELECT
    month,
    indicator,
    status,
    multiIf(
        value IS NULL, 'n/a',
        indicator = 'liability', toDecimalString(round(value, 2), 2),
        indicator IN ('conversion', 'stability', 'activation'), concat(toDecimalString(round(value * 100, 1), 1), ' %'),
        toString(toInt64(value))) AS shown,
    value,
    mom_pct,
    yoy_pct,
    worst[1] AS worst_1,
    worst[2] AS worst_2,
    worst[3] AS worst_3
FROM kpi.portfolio_lens
WHERE month = toDate32OrNull(${month:singlequote})
ORDER BY indexOf(['growth', 'conversion', 'liability', 'engagement', 'stability', 'activation'], indicator)
