-- Exceptions of the months: all rules of sql/rules. KPI.md section 5.
INSERT INTO kpi_core.exception (edition, month, scope, program_id, org_id, segment, rule, metric, variant, severity, observed, expected)
SELECT
    {edition:UInt64}, month, scope, program_id, org_id, segment, rule, metric, variant, severity,
    CAST(round(assumeNotNull(observed), 12) AS Decimal(38, 12)),
    CAST(round(assumeNotNull(expected), 12) AS Decimal(38, 12))
FROM
(
    SELECT * FROM kpi_core.exception_of_rising_unspent(edition = {edition:UInt64}, since = {since:Date32})
    UNION ALL
    SELECT * FROM kpi_core.exception_of_one_metric(edition = {edition:UInt64}, since = {since:Date32})
    UNION ALL
    SELECT * FROM kpi_core.exception_of_uneven_distribution(edition = {edition:UInt64}, since = {since:Date32})
)
WHERE month >= {from:Date32}
SETTINGS max_partitions_per_insert_block = 0;
