-- uneven_distribution: few members have most of what was awarded. KPI.md section 5.
CREATE OR REPLACE VIEW kpi_core.exception_of_uneven_distribution AS
WITH
    (SELECT limits FROM kpi_core.limits) AS limits,
    limits['uneven_distribution.min_gini'] AS min_gini,
    limits['uneven_distribution.min_top10_share'] AS min_top10_share,
    limits['uneven_distribution.min_population'] AS min_population
SELECT
    month, scope, program_id, org_id, segment,
    'uneven_distribution' AS rule, figure.1 AS metric, '' AS variant,
    'warning' AS severity,
    figure.2 AS observed,
    CAST(figure.3 AS Nullable(Decimal(76, 20))) AS expected
FROM
(
    SELECT
        month, scope, program_id, org_id, segment,
        anyIf(m.value, metric = 'users') AS population_size,
        anyIf(m.value, metric = 'gini') AS gini,
        anyIf(m.value, metric = 'top10_share') AS top10_share
    FROM kpi_core.movement(edition = {edition:UInt64}, since = {since:Date32}) AS m
    WHERE population = 'awarded' AND metric IN ('users', 'gini', 'top10_share')
    GROUP BY month, scope, program_id, org_id, segment
)
ARRAY JOIN [('gini', gini, min_gini), ('top10_share', top10_share, min_top10_share)] AS figure
WHERE population_size >= min_population AND figure.2 >= figure.3;
