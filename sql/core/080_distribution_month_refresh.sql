-- How the dollars awarded in a month spread over the members awarded. KPI.md section 3, dimension distribution.
-- Every step is exact: sums and ranks are decimals and integers, the quotients have 20 places.
DROP VIEW IF EXISTS kpi_core.distribution_month_refresh SYNC;

CREATE MATERIALIZED VIEW kpi_core.distribution_month_refresh
REFRESH EVERY 100 YEAR
TO kpi_core.distribution_month
EMPTY
AS
WITH
    spread AS
    (
        SELECT
            month, scope, program_id, org_id, segment,
            arraySort(groupArray(f.awarded)) AS x,
            toInt64(length(x))               AS n,
            CAST(sum(f.awarded) AS Decimal(76, 4)) AS total
        FROM kpi_core.scope_member_month AS f
        WHERE f.awarded > 0
        GROUP BY month, scope, program_id, org_id, segment
    ),
    -- h = (n - 1) p, in hundredths: between x[h] and the next one, counted from 1 here.
    (x, n, p) -> CAST(x[intDiv((n - 1) * p, 100) + 1] AS Decimal(76, 20))
        + CAST((x[least(intDiv((n - 1) * p, 100) + 2, n)] - x[intDiv((n - 1) * p, 100) + 1]) AS Decimal(76, 20)) * ((n - 1) * p % 100) / 100 AS percentile
SELECT
    m.month AS month, m.scope AS scope, m.program_id AS program_id, m.org_id AS org_id, m.segment AS segment,
    'awarded' AS population,
    toUInt64(s.n) AS users,
    if(s.n = 0, NULL, divideDecimal(s.total, toDecimal256(s.n, 0), 20)) AS mean,
    if(s.n = 0, NULL, percentile(s.x, s.n, 50)) AS p50,
    if(s.n = 0, NULL, percentile(s.x, s.n, 90)) AS p90,
    if(s.n = 0, NULL, divideDecimal(
        2 * arraySum((xi, i) -> CAST(xi AS Decimal(76, 4)) * i, s.x, arrayEnumerate(s.x)) - (s.n + 1) * s.total,
        s.n * s.total,
        20)) AS gini,
    if(s.n = 0, NULL, divideDecimal(arraySum(xi -> CAST(xi AS Decimal(76, 4)), arraySlice(s.x, -intDiv(s.n + 9, 10))), s.total, 20)) AS top10_share
FROM kpi_core.scope_month AS m
LEFT JOIN spread AS s ON m.month = s.month AND m.scope = s.scope AND m.program_id = s.program_id AND m.org_id = s.org_id AND m.segment = s.segment;
