-- The check's own list.
SELECT source, rows_read, rows_rejected, failed_units, toDecimal64(r.share, 6) AS share, toDecimal64(r.max_share, 6) AS max_share, multiIf(is_beyond = 1, 'beyond', 'within') AS state
FROM kpi.rejecting_sources AS r
