-- Messages that wait for each receiver of the config: what it has yet to be told, or to be told that it is over. What is not sent
-- any more (sql/notify/notices.sql) does not count: an end of a week ago, and all but the newest of each summary.
WITH
    JSONExtract({receivers:String}, 'Array(String)') AS receivers,
    ['daily', 'weekly', 'monthly'] AS summaries
SELECT 'notifications_waiting' AS metric, [receiver] AS labels, toFloat64(sum(waits)) AS value
FROM
(
    SELECT toString(receiver) AS receiver, toUInt64(1) AS waits
    FROM etl.notices FINAL
    WHERE has(receivers, receiver)
        AND if(has(summaries, kind),
            told < tell AND (receiver, matter, opened_at) IN (SELECT receiver, matter, max(opened_at) FROM etl.notices WHERE has(summaries, kind) GROUP BY receiver, matter),
            (told < tell OR resolved_at IS NOT NULL AND recovered_at IS NULL) AND ifNull(resolved_at > now64(6) - INTERVAL 7 DAY, 1))
    UNION ALL
    SELECT arrayJoin(receivers), toUInt64(0)
)
GROUP BY receiver
ORDER BY receiver;
