-- Receivers of the config that did not accept a message which is still sent (sql/notify/notices.sql): how many, how often the one that
-- was tried most, and why.
WITH ['daily', 'weekly', 'monthly'] AS summaries
SELECT toString(receiver) AS receiver, count() AS waiting, max(failures) AS tries, substringUTF8(argMax(error, tried_at), 1, 500) AS error
FROM etl.notices FINAL
WHERE failures > 0
    AND has(JSONExtract({receivers:String}, 'Array(String)'), receiver)
    AND if(has(summaries, kind),
        (receiver, matter, opened_at) IN (SELECT receiver, matter, max(opened_at) FROM etl.notices WHERE has(summaries, kind) GROUP BY receiver, matter),
        ifNull(resolved_at > now64(6) - INTERVAL 7 DAY, 1))
GROUP BY receiver
ORDER BY receiver
LIMIT 50;
