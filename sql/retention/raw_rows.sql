-- Loads and replays whose rejects lose their raw rows: they hold what members did. The rejects stay, with rule and reason, so
-- that the accounts still add up.
SELECT load_id
FROM etl.rejects
WHERE raw != '' AND UUIDv7ToDateTime(toUUIDOrZero(load_id)) < {before:DateTime64(6, 'UTC')};
