-- Each source: whether it is late, failing or rejecting, and what it delivered; what needs a look first.
SELECT source, state, newest_delivery, hours_ago, limit_hours, units, failed_units, rows_read, rows_rejected
FROM kpi.sources
ORDER BY indexOf(['late', 'failing', 'rejecting', 'good'], state), source
