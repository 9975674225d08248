-- Of each check the newest result counts: of one instant, that of the newest month.
SELECT
    (SELECT countIf(verdict = 'fail') FROM (SELECT * FROM kpi.checks ORDER BY checked_at DESC, month DESC NULLS LAST LIMIT 1 BY check)) AS failed_checks,
    (SELECT countIf(verdict = 'warn') FROM (SELECT * FROM kpi.checks ORDER BY checked_at DESC, month DESC NULLS LAST LIMIT 1 BY check)) AS checks_with_warnings,
    (SELECT count() FROM kpi.stale_sources) AS late_sources,
    (SELECT sum(rows_rejected) FROM kpi.sources) AS rejected_rows,
    (SELECT count() FROM kpi.restatements) AS restated_figures,
    (SELECT countIf(severity = 'critical') FROM kpi.exceptions WHERE month = {month:Date32}) AS critical_exceptions
