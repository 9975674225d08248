-- States of actions, all of them at once, as one block.
INSERT INTO etl.review_actions (action_id, at, by, change, month, program_id, owner, action, due, status, finding, note)
SELECT
    action_id, fromUnixTimestamp64Micro(at, 'UTC'), by, change, toDate32(concat(month, '-01')), program_id, owner, action, toDate32(due), status,
    finding, note
FROM given;
