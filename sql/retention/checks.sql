-- Results of checks. The newest of each check stays, over everything and for each month; and those that a review stands on.
SELECT check_id, check
FROM etl.checks
WHERE checked_at < {before:DateTime64(6, 'UTC')}
    AND check_id NOT IN (SELECT check_id FROM etl.review_steps)
    AND check_id NOT IN (SELECT check_id FROM etl.closed_months)
    AND (check, ifNull(month, toDate32('1900-01-01')), checked_at) NOT IN
    (
        SELECT check, ifNull(month, toDate32('1900-01-01')), max(checked_at)
        FROM etl.checks
        GROUP BY check, ifNull(month, toDate32('1900-01-01'))
    );
