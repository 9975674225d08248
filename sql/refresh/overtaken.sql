-- Whether settings or definitions changed since the refresh began, by which it would have computed otherwise.
SELECT count() AS touches
FROM etl.touched_months
WHERE touched_at > {before:DateTime64(6, 'UTC')} AND settled = 0 AND source = '';
