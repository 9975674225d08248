-- Notices that are not done with: of matters that stand, or whose end is still to be told, a week at most; of each summary
-- the newest, and the newest that was told.
WITH ['daily', 'weekly', 'monthly'] AS summaries
SELECT
    receiver, matter, kind, opened_at, severity, title, text, todo, since, tell, told, told_at, gone_at, resolved_at, recovered_at, failures,
    tried_at, error
FROM etl.notices FINAL
WHERE NOT has(summaries, kind) AND (resolved_at IS NULL OR recovered_at IS NULL AND resolved_at > now64(6) - INTERVAL 7 DAY)
    OR has(summaries, kind) AND (receiver, matter, opened_at) IN
    (
        SELECT receiver, matter, arrayJoin([max(opened_at), maxIf(opened_at, told > 0)])
        FROM etl.notices FINAL
        WHERE has(summaries, kind)
        GROUP BY receiver, matter
    )
ORDER BY opened_at, receiver, matter;
