-- What one mapping's stage holds: rows, and those that win their key within the unit.
SELECT
    sum(rows)                            AS rows_in,
    count()                              AS rows_loaded,
    toString(sum(amounts))               AS amount_in,
    toString(sum(winner))                AS amount_loaded,
    toString(sum(amounts) - sum(winner)) AS amount_superseded
FROM
(
    SELECT count() AS rows, sum(amount) AS amounts, argMax(amount, precedence) AS winner
    FROM etl.{stage:Identifier}
    GROUP BY program_id, award_id
);
