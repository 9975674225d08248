-- Whether retention has not looked for a day, or nearly: a nightly run does not begin at the same second.
SELECT count() = 0 AS due
FROM etl.retention
WHERE looked_at > now64(6) - INTERVAL 20 HOUR;
