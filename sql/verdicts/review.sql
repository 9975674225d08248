-- How far the review of a month is. No row where it has none.
SELECT
    formatDateTime(r.month, '%Y-%m') AS month, r.state AS state, r.round AS round, r.next_step AS next_step,
    r.opened_at AS opened_at, r.opened_by AS opened_by, r.note AS note, r.check_id AS check_id, r.verdict AS verdict,
    r.failed_checks AS failed_checks, r.waived_checks AS waived_checks, r.open_checks AS open_checks, r.incomplete AS incomplete,
    r.assessed_at AS assessed_at, r.assessed_by AS assessed_by, r.risks_at AS risks_at, r.risks_by AS risks_by,
    r.actions AS actions, r.decided_at AS decided_at, r.decided_by AS decided_by, r.decision AS decision,
    r.closed_at AS closed_at, r.closed_by AS closed_by, r.closings AS closings,
    r.reopened_at AS reopened_at, r.reopened_by AS reopened_by, r.reopened_reason AS reopened_reason, r.figures AS figures, r.last_at AS last_at
FROM kpi.reviews AS r
WHERE r.month = {month:Date32};
