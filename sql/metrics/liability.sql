-- Unspent lots by their age at the month's last day. KPI.md section 3, FIFO.
CREATE OR REPLACE VIEW kpi_core.metric_of_liability AS
SELECT edition, month, scope, program_id, org_id, segment, '' AS population, bucket.1 AS metric, CAST(bucket.2 AS Nullable(Decimal(76, 20))) AS value
FROM kpi_core.scope_month
ARRAY JOIN
[
    ('liability_0_30', liability_0_30),
    ('liability_31_60', liability_31_60),
    ('liability_61_90', liability_61_90),
    ('liability_91_180', liability_91_180),
    ('liability_181_365', liability_181_365),
    ('liability_365_plus', liability_365_plus)
] AS bucket;
