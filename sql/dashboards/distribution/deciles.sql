-- What each tenth of the members has, from those with the least to those with the most, and the tenths below it together.
SELECT
    month, scope, program_id, population, decile, member_share,
    dollar_share - lagInFrame(dollar_share, 1, toDecimal128(0, 12)) OVER (PARTITION BY scope, program_id, population ORDER BY decile ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS share,
    dollar_share
FROM kpi.lorenz_monthly
WHERE {scope:Condition} AND month = toDate32OrNull(${month:singlequote})
ORDER BY population, decile
