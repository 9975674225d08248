-- Rows that a comparison found to differ. Those of the newest comparison of each kind stay: kpi.differing_rows shows them.
SELECT check_id
FROM etl.differing_rows
WHERE UUIDv7ToDateTime(toUUIDOrZero(check_id)) < {before:DateTime64(6, 'UTC')}
    AND check_id NOT IN (SELECT argMax(check_id, checked_at) FROM etl.checks WHERE check = 'reconciliation');
