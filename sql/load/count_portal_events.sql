-- What one mapping's stage holds: rows, and those that win their key within the unit.
SELECT
    sum(rows) AS rows_in,
    count()   AS rows_loaded,
    '0'       AS amount_in,
    '0'       AS amount_loaded,
    '0'       AS amount_superseded
FROM
(
    SELECT count() AS rows
    FROM etl.{stage:Identifier}
    GROUP BY program_id, event_id
);
