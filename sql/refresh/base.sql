-- The edition published last, on which the next one stands.
SELECT edition, newest_month
FROM kpi_core.edition
ORDER BY edition DESC
LIMIT 1;
