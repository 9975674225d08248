-- The liability by age in the chosen month, each bucket with its part of the whole and what it was a month before.
SELECT
    a.month AS month, a.scope AS scope, a.program_id AS program_id, a.bucket AS bucket,
    a.dollars AS dollars,
    a.share AS share,
    b.dollars AS month_before,
    a.dollars - b.dollars AS change
FROM
(
    SELECT month, scope, program_id, bucket, from_days, dollars, share
    FROM kpi.liability_ageing_monthly
    WHERE {scope:Condition} AND month = toDate32OrNull(${month:singlequote})
) AS a
LEFT JOIN
(
    SELECT bucket, toNullable(dollars) AS dollars
    FROM kpi.liability_ageing_monthly
    WHERE {scope:Condition} AND month = addMonths(toDate32OrNull(${month:singlequote}), -1)
) AS b ON a.bucket = b.bucket
ORDER BY a.from_days
