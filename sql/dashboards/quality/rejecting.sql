-- Sources with rejected rows, and whether they are beyond the limit of their config.
SELECT source, if(is_beyond, 'beyond', 'within') AS state, rows_read, rows_rejected, share, max_share, failed_units
FROM kpi.rejecting_sources
ORDER BY is_beyond DESC, share DESC, source
