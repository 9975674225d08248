-- Notices as they stand now. All come in at once, as one block.
INSERT INTO etl.notices
SELECT
    receiver, matter, kind, fromUnixTimestamp64Micro(opened_at, 'UTC'), severity, title, text, todo, fromUnixTimestamp64Micro(since, 'UTC'),
    tell, told, fromUnixTimestamp64Micro(told_at, 'UTC'), fromUnixTimestamp64Micro(gone_at, 'UTC'), fromUnixTimestamp64Micro(resolved_at, 'UTC'),
    fromUnixTimestamp64Micro(recovered_at, 'UTC'), failures, fromUnixTimestamp64Micro(tried_at, 'UTC'), error, now64(6)
FROM given;
