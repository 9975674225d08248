-- Results of checks. The newest of each check stays, over everything and for each month.
SELECT check_id, check
FROM etl.checks
WHERE checked_at < {before:DateTime64(6, 'UTC')}
    AND (check, ifNull(month, toDate32('1900-01-01')), checked_at) NOT IN
    (
        SELECT check, ifNull(month, toDate32('1900-01-01')), max(checked_at)
        FROM etl.checks
        GROUP BY check, ifNull(month, toDate32('1900-01-01'))
    );
