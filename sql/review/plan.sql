-- The action plan of a month's review, and the overdue actions of earlier ones: the overdue first, then by when they are due.
SELECT
    kind, action_id, program_id, owner, action, toString(p.due) AS due, status, finding, note,
    toBool(p.is_overdue) AS is_overdue,
    formatDateTime(p.first_month, '%Y-%m') AS first_month,
    ifNull(formatDateTime(p.carried_to, '%Y-%m'), '') AS carried_to,
    toBool(p.status_at_close IS NOT NULL) AS was_closed,
    ifNull(p.owner_at_close, '') AS owner_at_close,
    ifNull(p.action_at_close, '') AS action_at_close,
    ifNull(toString(p.due_at_close), '') AS due_at_close,
    ifNull(p.status_at_close, '') AS status_at_close,
    toBool(ifNull(p.overdue_at_close, 0)) AS overdue_at_close,
    status_now
FROM kpi.review_plan AS p
WHERE month = {month:Date32}
ORDER BY kind DESC, p.is_overdue DESC, p.due, program_id, action_id;
