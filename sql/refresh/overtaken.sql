-- How many of the months recomputed were touched since then. Another run may have recomputed them from newer facts, and
-- settled them, before this one swapped in what it had computed.
SELECT uniqExact(month) AS months
FROM etl.touched_months FINAL
WHERE month IN {months:Array(Date32)} AND touched_at > {before:DateTime64(6, 'UTC')} AND NOT (source = '' AND unit = 'refresh');
