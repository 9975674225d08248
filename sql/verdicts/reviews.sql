-- The review of every month that has one, or is over and has figures and so should have one; the newest month first.
WITH
    over AS
    (
        SELECT month
        FROM kpi.metric_monthly
        WHERE scope = 'portfolio' AND metric = 'total_users'
            AND addMonths(month, 1) <= toDate32(toTimeZone(now64(6, 'UTC'), (SELECT timezone FROM kpi_core.settings)))
    ),
    months AS
    (
        SELECT month FROM over
        UNION DISTINCT
        SELECT month FROM kpi.reviews
    ),
    restated AS
    (
        SELECT month, count() AS figures
        FROM kpi.restatements
        GROUP BY month
    )
SELECT
    formatDateTime(m.month, '%Y-%m') AS month,
    if(r.state = '', 'none', r.state) AS state,
    r.round AS round, if(r.state = '', 'open', r.next_step) AS next_step,
    r.opened_at AS opened_at, r.opened_by AS opened_by, r.note AS note, r.check_id AS check_id, r.verdict AS verdict,
    r.failed_checks AS failed_checks, r.waived_checks AS waived_checks, r.open_checks AS open_checks, r.incomplete AS incomplete,
    r.assessed_at AS assessed_at, r.assessed_by AS assessed_by, r.risks_at AS risks_at, r.risks_by AS risks_by,
    r.actions AS actions, r.decided_at AS decided_at, r.decided_by AS decided_by, r.decision AS decision,
    r.closed_at AS closed_at, r.closed_by AS closed_by, r.closings AS closings,
    r.reopened_at AS reopened_at, r.reopened_by AS reopened_by, r.reopened_reason AS reopened_reason,
    s.figures AS restated
FROM months AS m
LEFT JOIN kpi.reviews AS r ON m.month = r.month
LEFT JOIN restated AS s ON m.month = s.month
ORDER BY m.month DESC;
