-- What there is to look at: checks whose newest result is a failure or a warning, late sources, rejects that stand, figures of closed
-- months that changed, and critical exceptions of the chosen month.
SELECT
    (SELECT count() FROM (SELECT argMax(verdict, (checked_at, ifNull(month, toDate32('1900-01-01')))) AS newest FROM kpi.checks GROUP BY check) WHERE newest = 'fail') AS failed_checks,
    (SELECT count() FROM (SELECT argMax(verdict, (checked_at, ifNull(month, toDate32('1900-01-01')))) AS newest FROM kpi.checks GROUP BY check) WHERE newest = 'warn') AS checks_with_warnings,
    (SELECT count() FROM kpi.sources WHERE state = 'late') AS late_sources,
    (SELECT sum(rows) FROM kpi.rejects) AS rejected_rows,
    (SELECT count() FROM kpi.restatements) AS restated_figures,
    (SELECT count() FROM kpi.exceptions WHERE month = toDate32OrNull(${month:singlequote}) AND severity = 'critical') AS critical_exceptions
