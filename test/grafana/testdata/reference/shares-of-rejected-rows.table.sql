-- The check's own list.
SELECT *, multiIf(is_beyond = 1, 'beyond', 'within') AS state
FROM kpi.rejecting_sources
