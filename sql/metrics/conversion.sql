-- Of the members awarded in the month, the share that redeemed within 30, 60 and 90 days. NULL until that time is over, and
-- where nobody was awarded. KPI.md section 3.
CREATE OR REPLACE VIEW kpi_core.metric_of_conversion AS
SELECT
    edition, month, scope, program_id, org_id, segment, '' AS population, term.1 AS metric,
    CAST(term.2 AS Nullable(Decimal(76, 20))) / nullIf(CAST(cohort AS Nullable(Decimal(76, 20))), 0) AS value
FROM kpi_core.scope_month
ARRAY JOIN [('conversion_30d', converted_30d), ('conversion_60d', converted_60d), ('conversion_90d', converted_90d)] AS term;
