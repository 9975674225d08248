-- Exceptions of the newest month that is over in the reporting zone, by severity and polarity, 0 where there is none. A
-- movement is good or bad news as the metric goes to where it should be or away from there; what the other rules find is bad,
-- and a volatile trend neither.
WITH
    (SELECT timezone FROM kpi_core.settings) AS zone,
    (
        SELECT least(newest_month, addMonths(toDate32(toStartOfMonth(toTimeZone(now64(6, 'UTC'), zone))), -1))
        FROM kpi.as_of
    ) AS newest,
    told AS
    (
        SELECT
            toString(e.severity) AS severity,
            multiIf(
                e.rule = 'volatile_trend', 'neutral',
                e.rule NOT IN ('material_movement', 'anomaly', 'redemption_shift'), 'bad',
                m.higher_is NOT IN ('good', 'bad') OR e.observed = e.expected, 'neutral',
                (e.observed > e.expected) = (m.higher_is = 'good'), 'good',
                'bad') AS polarity
        FROM kpi_core.exception_now AS e
        LEFT ANY JOIN kpi_core.metric_catalogue AS m ON e.metric = m.metric
        WHERE e.month = newest
    )
SELECT metric, labels, value
FROM
(
    SELECT 'exceptions' AS metric, [severity, polarity] AS labels, toFloat64(sum(n)) AS value
    FROM
    (
        SELECT severity, polarity, toUInt64(1) AS n
        FROM told
        UNION ALL
        SELECT arrayJoin(['info', 'warning', 'critical']), arrayJoin(['good', 'bad', 'neutral']), toUInt64(0)
    )
    GROUP BY severity, polarity
    UNION ALL
    SELECT 'exceptions_month_timestamp_seconds', CAST([] AS Array(String)), toFloat64(toUnixTimestamp(toTimeZone(toDateTime(toDate(newest), 'UTC'), 'UTC')))
)
WHERE newest IS NOT NULL
ORDER BY metric, labels;
