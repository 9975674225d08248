-- Sources with rejected rows, and whether they are beyond the limit of their config.
SELECT source, if(is_beyond, 'beyond', 'within') AS state, rows_read, rows_rejected, toDecimal64(r.share, 6) AS share, toDecimal64(r.max_share, 6) AS max_share, failed_units
FROM kpi.rejecting_sources AS r
ORDER BY is_beyond DESC, share DESC, source
