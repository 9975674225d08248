-- Whether a load touched months since the refresh began: what it read may be half of that load.
SELECT count() AS touches
FROM etl.touched_months
WHERE touched_at > {before:DateTime64(6, 'UTC')} AND settled = 0;
