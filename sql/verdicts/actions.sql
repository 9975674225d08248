-- All actions as they are now, with what they said at first: the same action added again is known by that.
SELECT
    a.action_id AS action_id,
    formatDateTime(a.month, '%Y-%m') AS month,
    formatDateTime(a.first_month, '%Y-%m') AS first_month,
    a.program_id AS program_id, a.owner AS owner, a.action AS action,
    toString(a.due) AS due,
    a.status AS status, a.finding AS finding, a.note AS note,
    a.added_at AS added_at, a.added_by AS added_by, a.changed_at AS changed_at, a.changed_by AS changed_by,
    toBool(a.is_open) AS is_open, toBool(a.is_overdue) AS is_overdue, toBool(a.carried) AS carried,
    f.action AS first_action
FROM kpi.review_actions AS a
INNER JOIN (SELECT action_id, argMin(s.action, s.at) AS action FROM etl.review_actions AS s FINAL GROUP BY action_id) AS f ON a.action_id = f.action_id
ORDER BY a.is_overdue DESC, a.due, a.program_id, a.added_at, a.action_id;
