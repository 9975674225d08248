-- The lens, its values as people read them: dollars with cents, shares in per cent, people whole.
SELECT
    month, indicator, status, value, mom_pct, yoy_pct,
    arrayElement(worst, 1) AS worst_1, arrayElement(worst, 2) AS worst_2, arrayElement(worst, 3) AS worst_3,
    ifNull(if(indicator = 'liability', toDecimalString(round(value, 2), 2),
        if(indicator IN ('growth', 'engagement'), toString(toUInt64(value)), concat(toDecimalString(round(value * 100, 1), 1), ' %'))), 'n/a') AS shown
FROM kpi.portfolio_lens
WHERE month = {month:Date32}
