-- Figures of kpi.metric_monthly that are not what the facts give, per programme and month. The facts are summed up here by
-- SQL that shares nothing with that of the figures.
CREATE OR REPLACE VIEW kpi.unreconciled
(
    month      Date32 COMMENT 'First day of the month, in the reporting zone',
    program_id String COMMENT 'Programme',
    metric     String COMMENT 'dollars_awarded, dollars_redeemed, dollars_expired or unspent_dollars',
    kpi        Nullable(Decimal(38, 4)) COMMENT 'What readers see; NULL: the figure is missing',
    facts      Decimal(38, 4) COMMENT 'What the facts give',
    difference Nullable(Decimal(38, 4)) COMMENT 'kpi less facts'
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
WITH
    assumeNotNull((SELECT max(month) FROM kpi_core.check_event WHERE rated)) AS newest,
    flow AS
    (
        SELECT
            program_id,
            month,
            sumIf(amount_reporting, kind = 'award') - sumIf(amount_reporting, kind = 'reversal')    AS awarded,
            sumIf(amount_reporting, kind = 'redemption') - sumIf(amount_reporting, kind = 'refund') AS redeemed,
            sumIf(amount_reporting, kind = 'expiry')                                                AS expired
        FROM kpi_core.check_entry
        WHERE rated
        GROUP BY program_id, month
        UNION ALL
        -- From a programme's first event to the newest one there is, no month is missing.
        SELECT
            program_id,
            arrayJoin(arrayMap(n -> addMonths(first, n), range(toUInt64(dateDiff('month', first, newest) + 1)))) AS month,
            toDecimal128(0, 4), toDecimal128(0, 4), toDecimal128(0, 4)
        FROM
        (
            SELECT program_id, min(month) AS first
            FROM kpi_core.check_event
            WHERE rated
            GROUP BY program_id
        )
    ),
    summed AS
    (
        SELECT
            program_id, month, sum(f.awarded) AS awarded, sum(f.redeemed) AS redeemed, sum(f.expired) AS expired,
            sum(awarded - redeemed - expired) OVER (PARTITION BY program_id ORDER BY month) AS unspent
        FROM flow AS f
        GROUP BY program_id, month
    ),
    figure AS
    (
        SELECT
            program_id, month, figure.1 AS metric, CAST(figure.2 AS Nullable(Decimal(38, 12))) AS value, 'facts' AS origin
        FROM summed
        ARRAY JOIN [('dollars_awarded', awarded), ('dollars_redeemed', redeemed), ('dollars_expired', expired), ('unspent_dollars', unspent)] AS figure
        UNION ALL
        SELECT program_id, month, metric, CAST(value AS Nullable(Decimal(38, 12))), 'kpi' AS origin
        FROM kpi.metric_monthly
        WHERE scope = 'program' AND metric IN ('dollars_awarded', 'dollars_redeemed', 'dollars_expired', 'unspent_dollars')
    )
SELECT
    month,
    program_id,
    metric,
    CAST(sumOrNullIf(f.value, f.origin = 'kpi') AS Nullable(Decimal(38, 4))) AS kpi,
    CAST(ifNull(sumIf(f.value, f.origin = 'facts'), 0) AS Decimal(38, 4)) AS facts,
    kpi - facts AS difference
FROM figure AS f
GROUP BY month, program_id, metric
-- Months before the first event, where members joined, have figures of 0.
HAVING countIf(f.origin = 'kpi') != 1 OR ifNull(difference != 0, 1)
ORDER BY month, program_id, metric
COMMENT 'Check reconciliation: figures that are not what the facts give';
