-- How dollars spread over the members of each scope, in the months. KPI.md section 3, dimension distribution.
-- Every step is exact: sums and ranks are decimals and integers, the quotients have 20 places.
INSERT INTO kpi_core.distribution_month
(
    edition, month, scope, program_id, org_id, segment, population,
    users, mean, p10, p25, p50, p75, p90, p99, max, gini, top1_share, top10_share, top20_share, hhi, lorenz
)
WITH
    -- h = (n - 1) p, in hundredths: between x[h] and the next one, counted from 1 here.
    (x, n, p) -> CAST(x[intDiv((n - 1) * p, 100) + 1] AS Decimal(76, 20))
        + CAST((x[least(intDiv((n - 1) * p, 100) + 2, n)] - x[intDiv((n - 1) * p, 100) + 1]) AS Decimal(76, 20)) * ((n - 1) * p % 100) / 100 AS percentile,
    -- Dollars of the lowest members.
    (cumulated, members) -> if(members = 0, toDecimal256(0, 4), CAST(cumulated[greatest(members, 1)] AS Decimal(76, 4))) AS lowest,
    spread AS
    (
        SELECT
            month,
            key,
            groupArrayIf(m.awarded, m.awarded > 0) AS awarded,
            groupArrayIf(m.awarded_to_date - m.redeemed_to_date - m.expired_to_date, m.awarded_to_date - m.redeemed_to_date - m.expired_to_date > 0) AS unspent
        FROM kpi_core.scope_member_month(edition = {edition:UInt64}) AS m
        WHERE month IN {months:Array(Date32)} AND (m.awarded > 0 OR m.awarded_to_date - m.redeemed_to_date - m.expired_to_date > 0)
        GROUP BY month, key
    ),
    ranked AS
    (
        SELECT
            month,
            key,
            population,
            arraySort(dollars)                     AS x,
            toInt64(length(x))                     AS n,
            arrayCumSum(x)                         AS cumulated,
            CAST(cumulated[n] AS Decimal(76, 4))   AS total
        FROM spread
        ARRAY JOIN ['awarded', 'unspent'] AS population, [spread.awarded, spread.unspent] AS dollars
        WHERE notEmpty(dollars)
    )
SELECT
    {edition:UInt64},
    month, key.1, key.2, key.3, key.4,
    population,
    n,
    divideDecimal(total, toDecimal256(n, 0), 20),
    percentile(x, n, 10),
    percentile(x, n, 25),
    percentile(x, n, 50),
    percentile(x, n, 75),
    percentile(x, n, 90),
    percentile(x, n, 99),
    CAST(x[n] AS Decimal(76, 20)),
    divideDecimal(2 * arraySum((xi, i) -> CAST(xi AS Decimal(76, 4)) * i, x, arrayEnumerate(x)) - (n + 1) * total, n * total, 20),
    divideDecimal(total - lowest(cumulated, n - intDiv(n + 99, 100)), total, 20),
    divideDecimal(total - lowest(cumulated, n - intDiv(10 * n + 99, 100)), total, 20),
    divideDecimal(total - lowest(cumulated, n - intDiv(20 * n + 99, 100)), total, 20),
    divideDecimal(arraySum(xi -> CAST(xi AS Decimal(76, 4)) * CAST(xi AS Decimal(76, 4)), x), total * total, 20),
    arrayMap(k -> divideDecimal(lowest(cumulated, intDiv(n * k, 10)), total, 20), range(1, 11))
FROM ranked
SETTINGS max_partitions_per_insert_block = 0;
