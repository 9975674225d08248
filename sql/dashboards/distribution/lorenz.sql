-- Lorenz curves: which share of the dollars the lowest 10 %, 20 %, … of the members have. Where all had the same, it would be the line of
-- equality.
SELECT
    member_share,
    anyIf(toNullable(l.dollar_share), population = 'awarded') AS awarded_share,
    anyIf(toNullable(l.dollar_share), population = 'unspent') AS unspent_share,
    member_share AS equality
FROM
(
    SELECT population, member_share, dollar_share
    FROM kpi.lorenz_monthly
    WHERE {scope:Condition} AND month = toDate32OrNull(${month:singlequote})
    UNION ALL
    -- Nobody has nothing.
    SELECT arrayJoin(['awarded', 'unspent']), toDecimal32(0, 1), toDecimal128(0, 12)
) AS l
GROUP BY member_share
ORDER BY member_share
